import type { HoldfastConfig } from '../config/options.ts'
import type { Values, VariableReader } from './variables.ts'

/** What the configured MCP servers are given, by the names of the variables. Each is a secret. */
export type ToolServerValues = Readonly<Record<string, string>>

/** Reads the variables that the configuration names; one that is not there would show only when a tool is called. */
export function readToolServerValues(
  values: Values,
  reader: VariableReader,
  { toolServers = {} }: Pick<HoldfastConfig, 'toolServers'>,
): ToolServerValues {
  const found: Record<string, string> = {}
  for (const [name, server] of Object.entries(toolServers)) {
    const isToken = 'url' in server
    const variables = isToken ? [server.tokenVariable ?? []].flat() : (server.variables ?? [])
    for (const variable of variables) {
      const value = values[variable]?.trim() ?? ''
      if (value === '')
        reader.problems.push(`${variable}: the configuration gives it to the tool server ${name}, but it is not set`)
      else if (isToken && !/^[\x21-\x7e]+$/.test(value))
        reader.problems.push(`${variable}: allowed is a token without spaces, in ASCII; what came is not shown`)
      else found[variable] = value
    }
  }
  return found
}
