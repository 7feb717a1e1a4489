import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { numberIn } from '../api/used-up.ts'
import type { RateLimit, RateLimits } from './types.ts'

/** Apollo's windows, each of an endpoint: the first request in one opens it. Nobody stays away for longer than `lookMs`: plans change. */
const WINDOWS = [
  { name: 'minute', limit: 'x-rate-limit-minute', left: 'x-minute-requests-left', ms: 60_000, lookMs: 60_000 },
  { name: 'hour', limit: 'x-rate-limit-hourly', left: 'x-hourly-requests-left', ms: 3_600_000, lookMs: 600_000 },
  { name: 'day', limit: 'x-rate-limit-daily', left: 'x-daily-requests-left', ms: 86_400_000, lookMs: 3_600_000 },
] as const

/** What Apollo says of its limits, and what follows from it. */
export interface ApolloLimits {
  /** A good reply of an endpoint has come. */
  seen(path: string, headers: Readonly<Record<string, string>>): void
  /** @throws HoldfastError (`rejected`) while a window of the endpoint is used up: `RATE_LIMIT_EXCEEDED` for its minute, `QUOTA_EXHAUSTED` for its hour or its day. */
  check(path: string): void
  /** Of the last good reply that had them. */
  last(): RateLimits
}

interface Window {
  readonly openedAt: number
  readonly left: number
  /** Until when nothing is asked, where nothing is left. */
  readonly lookAt: number
}

/** Makes {@link ApolloLimits}. */
export function createApolloLimits(clock: Pick<Clock, 'now'>): ApolloLimits {
  /** By endpoint and window. */
  const windows = new Map<string, Window>()
  let last: RateLimits = {}

  return {
    seen(path, headers) {
      const now = clock.now()
      const read: Record<string, RateLimit> = {}
      for (const { name, ms, lookMs, ...header } of WINDOWS) {
        const limit = numberIn(headers, header.limit)
        const left = numberIn(headers, header.left)
        if (limit === undefined && left === undefined) continue
        read[name] = Object.freeze({
          ...(limit === undefined ? {} : { limit }),
          ...(left === undefined ? {} : { left }),
        })
        if (left === undefined) continue
        const key = `${endpointOf(path)} ${name}`
        const known = windows.get(key)
        const isSame = known !== undefined && left <= known.left && now - known.openedAt < ms
        // Of one that was open before we came, the end that we take is late.
        const openedAt = isSame ? known.openedAt : now
        windows.set(key, { openedAt, left, lookAt: left > 0 ? now : Math.min(openedAt + ms, now + lookMs) })
      }
      if (Object.keys(read).length > 0) last = Object.freeze(read)
    },
    check(path) {
      const now = clock.now()
      for (const { name, ms } of WINDOWS.toReversed()) {
        const window = windows.get(`${endpointOf(path)} ${name}`)
        if (window === undefined || now >= window.lookAt) continue
        throw new HoldfastError({
          code: name === 'minute' ? 'RATE_LIMIT_EXCEEDED' : 'QUOTA_EXHAUSTED',
          category: 'rejected',
          message: `Apollo is not asked: the requests that its plan allows here in ${name === 'hour' ? 'an' : 'a'} ${name} are used up`,
          retryable: name === 'minute',
          retryAfterMs: window.openedAt + ms - now,
          mayHaveTakenEffect: false,
        })
      }
    },
    last: () => last,
  }
}

/** Limits are of endpoints, whoever is meant. */
function endpointOf(path: string): string {
  return path.replace(/^\/emailer_campaigns\/[^/]+\/add_contact_ids$/, '/emailer_campaigns/add_contact_ids')
}
