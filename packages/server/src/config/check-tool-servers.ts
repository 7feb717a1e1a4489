import { TOOL_SETS } from '../mcp/names.ts'
import type { Finding } from './check.ts'
import type { HoldfastConfig } from './options.ts'
import { nearestName } from './suggest.ts'

/** What must fit together where desks call tools: each server that one needs is a connector's or a configured one, and none is configured for nobody. */
export function toolServerFindings({ desks = [], toolServers = {} }: HoldfastConfig): Finding[] {
  const configured = Object.keys(toolServers)
  const named = desks.flatMap((desk) => [...(desk.toolServers ?? []), ...(desk.optionalToolServers ?? [])])
  const unused = configured
    .filter((name) => !named.includes(name))
    .map((name): Finding => {
      const near = nearestName(name, named)
      const hint = near === undefined ? '' : `; is "${near}" meant?`
      const message = `no desk calls its tools; they call those of ${[...new Set(named)].join(', ') || 'none'}${hint}`
      return { path: ['toolServers', name], message }
    })
  const known: readonly string[] = [...TOOL_SETS, ...configured]
  const missing = desks.flatMap(({ name, toolServers: needed = [] }, index) =>
    needed
      .filter((one) => !known.includes(one))
      .map((one): Finding => ({
        path: ['desks', index],
        message: `the desk "${name}" calls tools of "${one}", which is no connector: set \`toolServers.${one}\``,
      })),
  )
  return [...unused, ...missing]
}
