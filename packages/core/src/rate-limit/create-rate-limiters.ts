import { Link } from '../list/link.ts'
import { wholeFrom } from '../validation/validate.ts'
import { limiterMaker } from './create-rate-limiter.ts'
import { checkRateLimiter, RATE_LIMIT_DEFAULTS, RATE_LIMITER_RULES, type RateLimitersConfiguration } from './options.ts'
import type { RateLimiter, RateLimiters } from './rate-limiter.ts'

interface Keyed {
  readonly key: string
  readonly limiter: RateLimiter
}

class RecentLimiters implements RateLimiters {
  readonly name: string
  readonly #make: () => RateLimiter
  readonly #maxKeys: number
  readonly #byKey = new Map<string, Link<Keyed>>()
  /**
   * The least recently used first. A map's own order would do, but finding its first key is slow when many were deleted
   * before it.
   */
  readonly #order = new Link<Keyed>()

  constructor(configuration: RateLimitersConfiguration) {
    this.name = configuration.name
    this.#make = limiterMaker(configuration)
    this.#maxKeys = configuration.maxKeys ?? RATE_LIMIT_DEFAULTS.maxKeys
  }

  get size(): number {
    return this.#byKey.size
  }

  for(key: string): RateLimiter {
    const place = this.#byKey.get(key) ?? this.#add(key)
    place.leave()
    place.join(this.#order)
    return (place.item as Keyed).limiter
  }

  #add(key: string): Link<Keyed> {
    const oldest = this.#order.next
    if (oldest.item !== undefined && this.#byKey.size >= this.#maxKeys) {
      oldest.leave()
      this.#byKey.delete(oldest.item.key)
    }
    const place = new Link<Keyed>({ key, limiter: this.#make() })
    this.#byKey.set(key, place)
    return place
  }
}

/**
 * A rate limiter for each key, such as a tenant or a user; see {@link createRateLimiter}. A key costs a few numbers and
 * no timer, and there are never more than `maxKeys`. Choose it larger than the number of keys that are busy at once: a
 * key that was forgotten begins anew, with a whole burst.
 *
 * @example
 * ```ts
 * import { createRateLimiters } from '@holdfast/core/admission'
 *
 * const perTenant = createRateLimiters({ name: 'chat', limit: 60, intervalMs: 60_000, burst: 10 })
 * console.log(perTenant.for('tenant-1').tryAcquire().admitted)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createRateLimiters(configuration: RateLimitersConfiguration): RateLimiters {
  checkRateLimiter('rateLimiters', configuration, { ...RATE_LIMITER_RULES, maxKeys: wholeFrom(1, 1_000_000) })
  return new RecentLimiters(configuration)
}
