import { checkNames, invalid, wholeFrom } from '../shared/invalid.ts'
import type { McpTool } from './tool.ts'

/** What {@link createMcpServer} is made with. */
export interface McpToolServerOptions {
  /** What hosts show. 1 to 64 lower-case letters, digits and `-`. */
  readonly name: string
  readonly version: string
  /** What hosts tell their model about the server as a whole. Default: nothing. */
  readonly instructions?: string | undefined
  /** At least one. Names must differ. */
  readonly tools: readonly McpTool[]
  /** Calls at once, over all connections; more are refused. 1 to 10,000. Default: 64. */
  readonly maxConcurrent?: number | undefined
  /** Time for one call, in ms. 1 to 3,600,000. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** A larger result is told as a failure, in bytes. 1,024 to 67,108,864. Default: 1,048,576. */
  readonly maxResultBytes?: number | undefined
  /** Hears what tools throw, and what goes wrong beside them; hosts are told less. Default: nobody. */
  readonly onError?: ((error: unknown, tool?: string) => void) | undefined
}

/** Where an MCP server listens. */
export interface McpListenOptions {
  /** Default: `127.0.0.1`. */
  readonly host?: string | undefined
  /** 0 for any that is free. 0 to 65,535. Default: 0. */
  readonly port?: number | undefined
  /** Default: `/mcp`. */
  readonly path?: string | undefined
  /** What callers must send as `Authorization: Bearer`. 16 characters or more. Needed when other machines can reach the address. Default: none. */
  readonly token?: string | undefined
  /** Host names, without port, by which it may be called beside those of this machine. Default: none; where other machines can reach it, any. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Host names of pages that may call it from a browser, beside those of this machine. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined
  /** A larger request is refused, in bytes. 1,024 to 67,108,864. Default: 4,194,304. */
  readonly maxBodyBytes?: number | undefined
}

type Numbers = 'maxConcurrent' | 'timeoutMs' | 'maxResultBytes'

/** Defaults of {@link McpToolServerOptions}. */
export const MCP_TOOL_SERVER_DEFAULTS: Readonly<Record<Numbers, number>> = Object.freeze({
  maxConcurrent: 64,
  timeoutMs: 60_000,
  maxResultBytes: 1_048_576,
})

/** Defaults of {@link McpListenOptions}. */
export const MCP_LISTEN_DEFAULTS: Readonly<{ host: string; port: number; path: string; maxBodyBytes: number }> =
  Object.freeze({ host: '127.0.0.1', port: 0, path: '/mcp', maxBodyBytes: 4_194_304 })

/** Shorter tokens may be guessed. */
const SHORTEST_TOKEN = 16

/** The options with the defaults filled in. @throws HoldfastError `INVALID_OPTION` */
export function resolveToolServer(options: McpToolServerOptions): McpToolServerOptions & Record<Numbers, number> {
  checkNames('createMcpServer', options, [
    'name',
    'version',
    'instructions',
    'tools',
    ...Object.keys(MCP_TOOL_SERVER_DEFAULTS),
    'onError',
  ])
  const { name, version, tools } = options
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,64}$/.test(name)) {
    throw invalid('name', "1 to 64 lower-case letters, digits and '-'", name)
  }
  if (typeof version !== 'string' || version === '') throw invalid('version', 'a version', version)
  if (!Array.isArray(tools) || tools.length === 0) throw invalid('tools', 'a list of one tool or more', tools)
  const names = tools.map((tool) => tool.name)
  const twice = names.find((one, at) => names.indexOf(one) !== at)
  if (twice !== undefined) throw invalid('tools', 'tools of different names', `two named ${twice}`)
  const { maxConcurrent, timeoutMs, maxResultBytes } = { ...MCP_TOOL_SERVER_DEFAULTS, ...defined(options) }
  return {
    ...options,
    maxConcurrent: wholeFrom('maxConcurrent', maxConcurrent, 1, 10_000),
    timeoutMs: wholeFrom('timeoutMs', timeoutMs, 1, 3_600_000),
    maxResultBytes: wholeFrom('maxResultBytes', maxResultBytes, 1_024, 67_108_864),
  }
}

/** An address to listen at, checked. */
export interface ResolvedListen {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly token: string | undefined
  /** `undefined` for any. */
  readonly allowedHosts: readonly string[] | undefined
  readonly allowedOrigins: readonly string[]
  readonly maxBodyBytes: number
}

const OF_THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]']

/** @throws HoldfastError `INVALID_OPTION`, without the token */
export function resolveListen(options: McpListenOptions): ResolvedListen {
  checkNames('listen', options, [...Object.keys(MCP_LISTEN_DEFAULTS), 'token', 'allowedHosts', 'allowedOrigins'])
  const { host, port, path, maxBodyBytes } = { ...MCP_LISTEN_DEFAULTS, ...defined(options) }
  const { token, allowedHosts = [], allowedOrigins = [] } = options
  if (typeof host !== 'string' || host === '') throw invalid('host', 'a host name or an IP address', host)
  if (typeof path !== 'string' || !/^\/[\w./~-]*$/.test(path)) throw invalid('path', 'a path such as /mcp', path)
  if (token !== undefined && (typeof token !== 'string' || token.length < SHORTEST_TOKEN)) {
    throw invalid('token', `${SHORTEST_TOKEN} characters or more, since a shorter one may be guessed`, 'shorter')
  }
  const isLocal = isLoopback(host)
  if (!isLocal && token === undefined) {
    throw invalid('token', `set when other machines can reach the server, as they can at ${host}`, undefined)
  }
  return {
    host,
    port: wholeFrom('port', port, 0, 65_535),
    path,
    token,
    allowedHosts: isLocal || allowedHosts.length > 0 ? [...OF_THIS_MACHINE, ...allowedHosts] : undefined,
    allowedOrigins: [...(isLocal ? OF_THIS_MACHINE : []), ...allowedOrigins],
    maxBodyBytes: wholeFrom('maxBodyBytes', maxBodyBytes, 1_024, 67_108_864),
  }
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}

function defined<Options extends object>(options: Options): { [Key in keyof Options]: NonNullable<Options[Key]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
