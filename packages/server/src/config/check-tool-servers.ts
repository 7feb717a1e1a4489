import { TOOL_SETS } from '../mcp/names.ts'
import type { Finding } from './check.ts'
import type { HoldfastConfig } from './options.ts'
import { nearestName } from './suggest.ts'

/**
 * Tool servers that write to the same service, with one memory of writes where they share a store: it cannot tell their accounts apart unless they are named.
 * @param account of this process, which its own connectors write with.
 */
export function sharedAccounts(
  { desks = [], toolServers = {} }: Partial<Pick<HoldfastConfig, 'desks' | 'toolServers'>>,
  account: string | undefined,
): string[] {
  const called = desks.flatMap((desk) => [...(desk.toolServers ?? []), ...(desk.optionalToolServers ?? [])])
  const own = called.filter((name) => isToolSet(name) && !Object.hasOwn(toolServers, name))
  const ours = own.map((name) => ({ name, set: name, account }))
  const theirs = Object.entries(toolServers).flatMap(([name, server]) => {
    const args = 'command' in server ? (server.args ?? []) : []
    const set = args[args.indexOf('mcp') + 1]
    if (!args.includes('mcp') || set === undefined || !isToolSet(set)) return []
    const given = args.find((arg) => arg.startsWith('--account='))?.slice('--account='.length)
    return [
      { name, set, account: given ?? (args.includes('--account') ? args[args.indexOf('--account') + 1] : undefined) },
    ]
  })
  const unnamed = Map.groupBy(
    [...ours, ...theirs].filter((one) => one.account === undefined),
    ({ set }) => set,
  )
  return [...unnamed].flatMap(([set, servers]) => {
    const names = [...new Set(servers.map(({ name }) => name))]
    if (names.length < 2) return []
    return [
      `the tool servers ${names.join(' and ')} all write to ${set}: where they share a store and not an account, an idempotency key of one is taken for one of the other; name the accounts by \`--account\` of \`holdfast mcp\`, or HOLDFAST_ACCOUNT`,
    ]
  })
}

function isToolSet(name: string): boolean {
  return (TOOL_SETS as readonly string[]).includes(name)
}

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
