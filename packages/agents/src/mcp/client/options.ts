import type { Clock, CoreEvent, Environment, Events, IntegrationOptions, Random } from '@holdfast/core'
import type { Transport } from '@modelcontextprotocol/client'
import { checkName, checkNames, DAY_MS, invalid, wholeFrom } from '../shared/invalid.ts'
import type { McpEvent } from './events.ts'

/** How a server is guarded: the options of its integration, but for what the registry gives. */
export type McpPolicies = Omit<IntegrationOptions, 'name' | 'idempotent' | 'hedge' | keyof Environment>

/** What every server may be told. */
export interface McpServerSettings {
  /** Over {@link MCP_POLICIES}. */
  readonly policies?: McpPolicies | undefined
  /** Time to start, connect and agree on a version, in ms. 1 to 600,000. Default: 15,000. */
  readonly connectTimeoutMs?: number | undefined
  /** Calls that run at once; the others wait. 1 to 10,000. Default: 32. */
  readonly maxConcurrent?: number | undefined
  /** Calls that wait, until their deadline; more are refused. 0 to 100,000. Default: 1,000. */
  readonly maxQueued?: number | undefined
  /** A larger result is refused, in bytes. 1,024 to 67,108,864. Default: 1,048,576. */
  readonly maxResultBytes?: number | undefined
  /** A larger message ends the connection, in bytes: nothing of it can be kept. `maxResultBytes` to 134,217,728. Default: 8,388,608. */
  readonly maxMessageBytes?: number | undefined
  /** Tools that are read from a server; one with more is refused. 1 to 10,000. Default: 500. */
  readonly maxTools?: number | undefined
  /** How old the list of tools may be, in ms; a change that the server tells is read at once. 0 to 86,400,000. Default: 300,000. */
  readonly toolsTtlMs?: number | undefined
  /** Whether `readOnlyHint` and `idempotentHint` are believed; if not, no call is repeated that may have taken effect. Default: true. */
  readonly trustHints?: boolean | undefined
}

/** A server that is started as a child of this process and spoken to over its standard input and output. */
export interface McpStdioServer extends McpServerSettings {
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** The child gets these, and of ours only `HOME`, `LOGNAME`, `PATH`, `SHELL`, `TERM`, `USER` (on Windows their like). Values are kept out of what is shown of its errors. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Default: this process's. */
  readonly cwd?: string | undefined
  /** From the end of its input, and SIGTERM a moment later, to SIGKILL, in ms. 0 to 60,000. Default: 2,000. */
  readonly shutdownMs?: number | undefined
  /** Wait before a child is started again that could not be started, or soon died; it doubles, in ms. 0 to 60,000. Default: 250. */
  readonly respawnMs?: number | undefined
  /** The longest such wait, in ms. `respawnMs` to 600,000. Default: 10,000, or `respawnMs` if that is more. */
  readonly maxRespawnMs?: number | undefined
}

/** A server at an address, spoken to over streamable HTTP. */
export interface McpHttpServer extends McpServerSettings {
  /** http or https, without user name and password. */
  readonly url: string
  /** Sent with every request; the place for credentials. A function is asked for each request, for tokens that change. */
  readonly headers?: McpHeaders | undefined
  /** Default: the platform's. */
  readonly fetch?: typeof fetch | undefined
}

/** A server that is reached in a way of its own: in the same process, say. */
export interface McpCustomServer extends McpServerSettings {
  /** Makes one connection; called again when that is lost. */
  readonly transport: () => Transport | Promise<Transport>
}

/** Headers, or what makes them. */
export type McpHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/** One server. */
export type McpServerOptions = McpStdioServer | McpHttpServer | McpCustomServer

/** What {@link createMcpRegistry} is made with. */
export interface McpRegistryOptions {
  /** By name: 1 to 60 lower-case letters, digits and `-`. The integration of `avinode` is `mcp-avinode`. */
  readonly servers: Readonly<Record<string, McpServerOptions>>
  /** What servers are told about us. Default: `holdfast`, `0.0.0`. */
  readonly client?: { readonly name: string; readonly version: string } | undefined
  /** Where to report; also the events of the integrations. Default: nowhere. */
  readonly events?: Events<CoreEvent | McpEvent> | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Default: `Math.random`. */
  readonly random?: Random | undefined
}

type Numbers =
  | 'connectTimeoutMs'
  | 'maxConcurrent'
  | 'maxQueued'
  | 'maxResultBytes'
  | 'maxMessageBytes'
  | 'maxTools'
  | 'toolsTtlMs'
  | 'shutdownMs'
  | 'respawnMs'
  | 'maxRespawnMs'

/** Defaults of {@link McpServerOptions}. */
export const MCP_SERVER_DEFAULTS: Readonly<Record<Numbers, number> & { trustHints: boolean }> = Object.freeze({
  connectTimeoutMs: 15_000,
  maxConcurrent: 32,
  maxQueued: 1_000,
  maxResultBytes: 1_048_576,
  maxMessageBytes: 8_388_608,
  maxTools: 500,
  toolsTtlMs: 300_000,
  trustHints: true,
  shutdownMs: 2_000,
  respawnMs: 250,
  maxRespawnMs: 10_000,
})

/** How servers are guarded when nothing else is said; what is not here is as `INTEGRATION_DEFAULTS` says. A tool may take its time, and is not ill for it. */
export const MCP_POLICIES: {
  readonly kind: 'external-api'
  readonly deadlineMs: number
  readonly attemptTimeoutMs: number
  readonly goodputLimit: false
  readonly breaker: { readonly slowCallMs: number }
} = Object.freeze({
  kind: 'external-api',
  deadlineMs: 60_000,
  attemptTimeoutMs: 30_000,
  goodputLimit: false,
  breaker: Object.freeze({ slowCallMs: 20_000 }),
})

const RANGES: Readonly<Record<Numbers, readonly [number, number]>> = {
  connectTimeoutMs: [1, 600_000],
  maxConcurrent: [1, 10_000],
  maxQueued: [0, 100_000],
  maxResultBytes: [1_024, 67_108_864],
  maxMessageBytes: [1_024, 134_217_728],
  maxTools: [1, 10_000],
  toolsTtlMs: [0, DAY_MS],
  shutdownMs: [0, 60_000],
  respawnMs: [0, 60_000],
  maxRespawnMs: [0, 600_000],
}

const COMMON = [
  'policies',
  'connectTimeoutMs',
  'maxConcurrent',
  'maxQueued',
  'maxResultBytes',
  'maxMessageBytes',
  'maxTools',
  'toolsTtlMs',
  'trustHints',
]
const OF_STDIO = ['command', 'args', 'env', 'cwd', 'shutdownMs', 'respawnMs', 'maxRespawnMs']
const OF_HTTP = ['url', 'headers', 'fetch']

/** How to reach a server. */
export type Target =
  | ({ readonly kind: 'stdio' } & McpStdioServer)
  | ({ readonly kind: 'http' } & McpHttpServer)
  | ({ readonly kind: 'custom' } & McpCustomServer)

/** A server's options, checked and complete. */
export interface ResolvedServer extends Readonly<Record<Numbers, number>> {
  readonly name: string
  readonly target: Target
  readonly policies: McpPolicies
  readonly trustHints: boolean
}

/** @throws HoldfastError `INVALID_OPTION`; no value of `env` or `headers`, and no address, is in it. */
export function resolveServer(name: string, options: McpServerOptions): ResolvedServer {
  checkName('the name of a server', name)
  if (typeof options !== 'object' || options === null) throw invalid(`servers.${name}`, 'an object of options', options)
  const target = targetOf(name, options)
  const given = options as McpServerOptions & Partial<Record<Numbers, number | undefined>>
  const numbers = Object.fromEntries(
    (Object.keys(RANGES) as Numbers[]).map((option) => {
      const value = given[option]
      const [least, most] = RANGES[option]
      if (value === undefined) return [option, MCP_SERVER_DEFAULTS[option]]
      return [option, wholeFrom(`servers.${name}.${option}`, value, least, most)]
    }),
  ) as Record<Numbers, number>
  if (given.maxMessageBytes === undefined) {
    numbers.maxMessageBytes = Math.max(numbers.maxMessageBytes, numbers.maxResultBytes)
  }
  if (given.maxRespawnMs === undefined) numbers.maxRespawnMs = Math.max(numbers.maxRespawnMs, numbers.respawnMs)
  atLeast(name, numbers, 'maxMessageBytes', 'maxResultBytes')
  atLeast(name, numbers, 'maxRespawnMs', 'respawnMs')
  const { trustHints = MCP_SERVER_DEFAULTS.trustHints, policies = {} } = options
  if (typeof trustHints !== 'boolean') throw invalid(`servers.${name}.trustHints`, 'true or false', trustHints)
  return { name, target, ...numbers, trustHints, policies: policiesOf(policies) }
}

function atLeast(name: string, numbers: Readonly<Record<Numbers, number>>, option: Numbers, other: Numbers): void {
  if (numbers[option] >= numbers[other]) return
  throw invalid(`servers.${name}.${option}`, `at least ${other} (${numbers[other]})`, numbers[option])
}

function policiesOf(given: McpPolicies): McpPolicies {
  const deadlineMs = given.deadlineMs ?? MCP_POLICIES.deadlineMs
  return {
    ...MCP_POLICIES,
    ...given,
    deadlineMs,
    attemptTimeoutMs: given.attemptTimeoutMs ?? Math.min(MCP_POLICIES.attemptTimeoutMs, deadlineMs),
    breaker: given.breaker === false ? false : { ...MCP_POLICIES.breaker, ...given.breaker },
  }
}

function targetOf(name: string, options: McpServerOptions): Target {
  const owner = `servers.${name}`
  if ('command' in options) {
    checkNames(owner, options, [...OF_STDIO, ...COMMON])
    const { command, args = [], env = {} } = options
    if (typeof command !== 'string' || command === '') throw invalid(`${owner}.command`, 'the name of a program', '')
    if (!Array.isArray(args) || !args.every((one) => typeof one === 'string')) {
      throw invalid(`${owner}.args`, 'a list of strings', args)
    }
    const wrong = Object.entries(env).find(([, value]) => typeof value !== 'string')
    if (wrong !== undefined) throw invalid(`${owner}.env.${wrong[0]}`, 'a string', wrong[1])
    return { kind: 'stdio', ...options }
  }
  if ('url' in options) {
    checkNames(owner, options, [...OF_HTTP, ...COMMON])
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw invalid(`${owner}.url`, 'an http or https address', '')
    if (url.username !== '' || url.password !== '') {
      throw invalid(`${owner}.url`, 'an address without user name and password, which go into headers', '')
    }
    return { kind: 'http', ...options }
  }
  if (typeof (options as Partial<McpCustomServer>).transport === 'function') {
    checkNames(owner, options, ['transport', ...COMMON])
    return { kind: 'custom', ...options }
  }
  throw invalid(owner, 'an object with a command, a url or a transport', options)
}
