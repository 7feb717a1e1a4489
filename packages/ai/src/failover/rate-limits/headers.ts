import type { HeadersLike } from '@holdfast/core'
import { DAY_MS } from '../../errors/invalid-options.ts'

/** What a provider counts. `tokens` are those of prompt and answer together. */
export type Counted = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens'

/** One limit of a provider, as a reply has told it. */
export interface ToldLimit {
  readonly counted: Counted
  /** How many there may be in all, where that is told. */
  readonly limit: number | undefined
  readonly remaining: number
  /** Until it is whole again, in ms. */
  readonly resetMs: number
  /** Whether what was used comes back little by little, so that there is some again long before the reset. */
  readonly refills: boolean
}

/** The headers of one limit. */
interface Family {
  readonly counted: Counted
  readonly refills: boolean
  readonly limit: string
  readonly remaining: string
  readonly reset: string
}

/** What providers' headers are called. Only what OpenAI and Anthropic count is known to come back evenly. */
const FAMILIES: readonly Family[] = [
  ...(['requests', 'tokens'] as const).map((counted) =>
    family(counted, true, (what) => `x-ratelimit-${what}-${counted}`),
  ),
  ...(['requests', 'tokens', 'input-tokens', 'output-tokens'] as const).map((counted) =>
    family(counted, true, (what) => `anthropic-ratelimit-${counted}-${what}`),
  ),
  family('requests', false, (what) => `x-ratelimit-${what}`),
  family('requests', false, (what) => `ratelimit-${what}`),
]

function family(counted: Counted, refills: boolean, nameOf: (what: string) => string): Family {
  return { counted, refills, limit: nameOf('limit'), remaining: nameOf('remaining'), reset: nameOf('reset') }
}

/** What a header is called here, by its name: in lower case, or nothing where it says nothing about limits. The same few names come with every reply. */
const names = new Map<string, string>()
const MOST_NAMES = 1_000

/** Limits that one reply may tell of; no provider has more. */
const MOST_LIMITS = 8

/** Where a reply does not say when there will be more, in ms: Azure, which leaves it out, counts over ten seconds at most. */
const UNTOLD_RESET_MS = 10_000

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS }

/**
 * Reads the limits out of a reply's headers: of OpenAI and who is compatible with it (Azure, Groq, xAI, …), of Anthropic, of OpenRouter, and
 * of the IETF's draft (`RateLimit`, draft-ietf-httpapi-ratelimit-headers, in its forms of draft 6, 7 and 10). What cannot be read is left out.
 *
 * Times of day are compared with the reply's own `date`, so that clocks that differ do no harm.
 *
 * @param wallTime milliseconds since the Unix epoch, for a time of day in a reply without a `date`.
 */
export function limitsTold(headers: HeadersLike | undefined, wallTime: number): readonly ToldLimit[] {
  const fields = fieldsOf(headers)
  if (fields === undefined) return []
  const now = (): number => timeOf(fields.get('date')) ?? wallTime
  const told: ToldLimit[] = []
  for (const { counted, refills, limit, remaining, reset } of FAMILIES) {
    const count = countOf(fields.get(remaining))
    if (count === undefined) continue
    const resetMs = resetMsOf(fields.get(reset), now) ?? UNTOLD_RESET_MS
    told.push({ counted, limit: countOf(fields.get(limit)), remaining: count, resetMs, refills })
  }
  const draft = fields.get('ratelimit')
  if (draft !== undefined) told.push(...draftLimits(draft, fields.get('ratelimit-policy')))
  return told.slice(0, MOST_LIMITS)
}

/** The fields that say something about limits, by their names in lower case; `undefined` where there are none. */
function fieldsOf(headers: HeadersLike | undefined): ReadonlyMap<string, string> | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  let fields: Map<string, string> | undefined
  let date: unknown
  const look = (name: string, value: unknown): void => {
    const known = names.get(name) ?? nameOf(name)
    if (known === 'date') date = value
    else if (known !== '') (fields ??= new Map<string, string>()).set(known, textOf(value))
  }
  if (headers instanceof Headers) headers.forEach((value, name) => look(name, value))
  else for (const name of Object.keys(headers)) look(name, (headers as Readonly<Record<string, unknown>>)[name])
  if (date !== undefined) fields?.set('date', textOf(date))
  return fields
}

function nameOf(name: string): string {
  const lower = name.toLowerCase()
  const known = lower === 'date' || lower.includes('ratelimit') ? lower : ''
  // Somebody who sends ever new ones gets nothing kept.
  if (names.size < MOST_NAMES && name.length <= 100) names.set(name, known)
  return known
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : String([value].flat()[0])
  return text.length > 500 ? text.trim().slice(0, 500) : text.trim()
}

/** A count from 0; Azure sends -1 for what it does not know. */
function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** How long until a reset: `12ms`, `6m0s`, seconds, seconds or milliseconds since the Unix epoch, or a time of RFC 3339. */
function resetMsOf(text: string | undefined, now: () => number): number | undefined {
  if (text === undefined) return undefined
  const ms = durationOf(text) ?? momentOf(text, now)
  return ms === undefined ? undefined : Math.min(Math.max(0, ms), DAY_MS)
}

function durationOf(text: string): number | undefined {
  const [, count, unit, rest] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|[smhd])(.*)$/.exec(text) ?? []
  if (unit === undefined) return undefined
  const ms = Number(count) * UNIT_MS[unit]!
  if (rest === '') return ms
  const others = rest!.length > 80 ? undefined : durationOf(rest!)
  return others === undefined ? undefined : ms + others
}

function momentOf(text: string, now: () => number): number | undefined {
  const count = countOf(text)
  if (count === undefined) {
    const time = timeOf(text)
    return time === undefined ? undefined : time - now()
  }
  if (count > 1e11) return count - now()
  return count > 1e9 ? count * 1_000 - now() : count * 1_000
}

/** Milliseconds since the Unix epoch of a time of RFC 3339 or an HTTP date. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d{4}-\d\d-\d\d[Tt ][\d:.]+([Zz]|[+-]\d\d:\d\d)|.{5,20} [\d:]{8} GMT)$/.test(text)) {
    return undefined
  }
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** `"default";r=50;t=30` with the policy `"default";q=100;w=60`, or `limit=100, remaining=50, reset=30` of draft 7. */
function draftLimits(text: string, policy: string | undefined): ToldLimit[] {
  if (!text.includes(';')) {
    const { limit, remaining, reset } = parametersOf(text)
    return draftLimit(limit, remaining, reset)
  }
  const policies = new Map(itemsOf(policy ?? ''))
  return itemsOf(text).flatMap(([name, { r, t }]) => {
    const { q, qu = '"requests"' } = policies.get(name) ?? {}
    // Bytes, or requests at the same time, are not what is counted here.
    return qu === '"requests"' ? draftLimit(q, r, t) : []
  })
}

function draftLimit(limit: string | undefined, remaining: string | undefined, reset: string | undefined): ToldLimit[] {
  const count = countOf(remaining)
  const seconds = countOf(reset)
  if (count === undefined) return []
  const resetMs = seconds === undefined ? UNTOLD_RESET_MS : Math.min(seconds * 1_000, DAY_MS)
  return [{ counted: 'requests', limit: countOf(limit), remaining: count, resetMs, refills: false }]
}

/** The items of a list of structured fields (RFC 9651), as far as these headers use them: a name, and its parameters. */
function itemsOf(text: string): [string, Readonly<Record<string, string>>][] {
  return text.split(',').map((item) => {
    const [name = '', ...parameters] = item.split(';')
    return [name.trim(), parametersOf(parameters.join(','))]
  })
}

function parametersOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const [, name, value] = /^\s*([a-z]+)\s*=\s*(\S+)\s*$/.exec(pair) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}
