import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'

/** What a service has said is used up, so that nothing is sent in vain. */
export interface UsedUp {
  /** It may be asked again in so many ms. */
  mark(forMs: number): void
  /** @throws HoldfastError `RATE_LIMIT_EXCEEDED`, as if the service had said 429, while it is used up. */
  check(): void
}

/** Makes a {@link UsedUp}. */
export function createUsedUp(service: string, clock: Pick<Clock, 'now'>): UsedUp {
  let end = -Infinity
  return {
    mark(forMs) {
      end = clock.now() + forMs
    },
    check() {
      const leftMs = end - clock.now()
      if (leftMs <= 0) return
      throw new HoldfastError({
        code: 'RATE_LIMIT_EXCEEDED',
        category: 'rate-limit',
        message: `${service} is not asked: it has said that no more requests are left for now`,
        retryable: true,
        retryAfterMs: leftMs,
        mayHaveTakenEffect: false,
      })
    },
  }
}

/** A header that is a number; `undefined` for one that is missing, or is none. */
export function numberIn(headers: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = headers[name]
  const value = Number(text)
  return text === undefined || text.trim() === '' || !Number.isFinite(value) ? undefined : value
}
