import { HoldfastError } from '@holdfast/core'
import type { Dispatcher } from 'undici'

/** How a connection pool behaves. */
export interface AgentOptions {
  /** Time to connect, TLS included, in ms. 1 to 300,000. Default: 5,000. */
  readonly connectTimeoutMs?: number
  /** Connections at most per address; further requests wait for one. 1 to 65,535. Default: 256. */
  readonly maxConnections?: number
  /** How long an idle connection is kept, in ms, where the peer does not say. 1 to 600,000. Default: 4,000. */
  readonly keepAliveMs?: number
}

/** How to reach one service. */
export interface HttpClientOptions extends AgentOptions {
  /** Where paths are appended, `https://api.example.com/v1`. Must hold no user name or password. */
  readonly baseUrl: string
  /** The service's name in error messages. Default: the host. */
  readonly service?: string
  /** Sent with every request; the place for credentials. */
  readonly headers?: Readonly<Record<string, string>>
  /** A larger reply is refused, in bytes. 1 to 2^30. Default: 8 MiB. */
  readonly maxResponseBytes?: number
  /** A connection pool to share. Default: one of its own, made with the options above, which `close` closes. */
  readonly dispatcher?: Dispatcher
}

type Numbers = 'connectTimeoutMs' | 'maxConnections' | 'keepAliveMs' | 'maxResponseBytes'

/** Defaults of {@link HttpClientOptions}. */
export const HTTP_DEFAULTS: Readonly<Record<Numbers, number>> = Object.freeze({
  connectTimeoutMs: 5_000,
  maxConnections: 256,
  keepAliveMs: 4_000,
  maxResponseBytes: 8 * 1024 * 1024,
})

const HIGHEST: Readonly<Record<Numbers, number>> = {
  connectTimeoutMs: 300_000,
  maxConnections: 65_535,
  keepAliveMs: 600_000,
  maxResponseBytes: 2 ** 30,
}

/** The options with the defaults filled in. @throws HoldfastError `INVALID_OPTION` */
export function withDefaults(options: Partial<Record<Numbers, number | undefined>>): Record<Numbers, number> {
  const filled = { ...HTTP_DEFAULTS }
  for (const name of Object.keys(HTTP_DEFAULTS) as Numbers[]) {
    const value = options[name]
    if (value === undefined) continue
    if (!Number.isInteger(value) || value < 1 || value > HIGHEST[name]) {
      throw invalidOption(name, `must be a whole number from 1 to ${HIGHEST[name]}, but is ${String(value)}`)
    }
    filled[name] = value
  }
  return filled
}

/** A base address in parts. */
export interface Base {
  readonly origin: string
  readonly host: string
  /** Without a slash at its end; with the address's own query. */
  readonly path: string
}

/** Reads a base address. @throws HoldfastError `INVALID_OPTION`, without the address: it may hold a secret. */
export function parseBase(baseUrl: string, service: string | undefined): Base {
  const name = service === undefined ? 'baseUrl' : `the address of ${service}`
  if (!URL.canParse(baseUrl)) throw invalidOption(name, 'must be an http or https URL')
  const { protocol, username, password, origin, host, pathname, search } = new URL(baseUrl)
  if (protocol !== 'http:' && protocol !== 'https:') throw invalidOption(name, 'must be an http or https URL')
  if (username !== '' || password !== '') {
    throw invalidOption(name, 'must not hold a user name or password; those go into headers')
  }
  return { origin, host, path: pathname.replace(/\/+$/, '') + search }
}

/** A line break in a pasted key would fail every request. @throws HoldfastError `INVALID_OPTION`, without the value. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalidOption('a header name', 'must be an HTTP token')
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value) || value !== value.trim()) {
      throw invalidOption(`the header ${name}`, 'must be text without line breaks or space around it')
    }
  }
}

/** A caller's text, made fit for a header: what HTTP does not allow is percent-encoded, and it is at most 200 characters long. */
export function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]/gu, encodeOne).slice(0, 200)
}

function encodeOne(character: string): string {
  return encodeURIComponent(character.isWellFormed() ? character : '\ufffd')
}

/** An option that cannot be used, in words without its value. */
export function invalidOption(name: string, problem: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `${name} ${problem}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
