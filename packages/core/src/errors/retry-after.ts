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
  const value = header(headers, 'retry-after')
  const sent = parseHttpDate(header(headers, 'date'))
  const waits = [
    decimal(header(headers, 'retry-after-ms')),
    decimal(value) * 1_000,
    Math.max(0, parseHttpDate(value) - (Number.isNaN(sent) ? wallTime : sent)),
  ]
  return waits.find((ms) => ms >= 0)
}

function decimal(text: string): number {
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : NaN
}

/** The first value of a header; a word that means nothing when there is none. */
function header(headers: HeadersLike, name: string): string {
  const value =
    typeof headers.get === 'function'
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return String([value].flat()[0]).trim()
}
