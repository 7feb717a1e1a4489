import { parseHttpDate } from './http-date.ts'

/** Headers as `fetch`, undici or the AI SDK give them. */
export type HeadersLike =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | number | undefined>>

/**
 * How long a reply asks to wait, in ms: from `retry-after-ms`, else from `retry-after` in seconds or as an HTTP date
 * (RFC 9110, 10.2.3). A date is compared with the reply's own `date` where there is one, so that clocks that differ do no
 * harm. `undefined` when nothing usable was said.
 *
 * @example
 * ```ts
 * import { parseRetryAfter } from '@holdfast/core'
 *
 * console.log(parseRetryAfter({ 'Retry-After': '120' }, Date.now()))
 * ```
 * @param wallTime milliseconds since the Unix epoch, for a date in a reply that carries none itself.
 */
export function parseRetryAfter(headers: HeadersLike, wallTime: number): number | undefined {
  const milliseconds = decimal(header(headers, 'retry-after-ms'))
  if (milliseconds !== undefined) return milliseconds
  const value = header(headers, 'retry-after')
  if (value === undefined) return undefined
  const seconds = decimal(value)
  if (seconds !== undefined) return seconds * 1_000
  const until = parseHttpDate(value, wallTime)
  if (until === undefined) return undefined
  const sent = parseHttpDate(header(headers, 'date') ?? '', wallTime)
  return Math.max(0, until - (sent ?? wallTime))
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function header(headers: HeadersLike, name: string): string | undefined {
  if (typeof headers.get === 'function') return headers.get(name)?.trim()
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string' || typeof first === 'number') return String(first).trim()
  }
  return undefined
}
