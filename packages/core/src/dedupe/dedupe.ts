import { Flight } from '../cache/flight.ts'
import { tenantKey } from '../cache/tenant-key.ts'
import { aSignal, aString, checkOperation, type Rules, validate } from '../validation/validate.ts'

/** Who makes a deduplicated call. */
export interface DedupeCallOptions {
  /** The caller's own abort. Honoured at once; its reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
  /** Part of the key: tenants never share a call, nor does a call without a tenant with one that has one. Default: none. */
  readonly tenant?: string | undefined
}

/** Identical calls that are under way at the same time become one. */
export interface Dedupe {
  /** Calls under way. */
  readonly size: number
  /**
   * Waits for the call under way with this key, or makes it. Its result, also a failure, goes to all who wait, as it is, and is
   * not remembered. Its signal aborts when the last of them has left.
   * @throws what `operation` threw, by identity; or the reason of `options.signal`, at once; or HoldfastError `INVALID_OPTION`.
   */
  run<T>(key: string, operation: (signal: AbortSignal) => T | PromiseLike<T>, options?: DedupeCallOptions): Promise<T>
}

const CALL_RULES: Rules<DedupeCallOptions> = { signal: aSignal, tenant: aString }

class FlightBoard implements Dedupe {
  readonly #flights = new Map<string, Flight<unknown>>()

  get size(): number {
    return this.#flights.size
  }

  async run<T>(
    key: string,
    operation: (signal: AbortSignal) => T | PromiseLike<T>,
    options?: DedupeCallOptions,
  ): Promise<T> {
    checkOperation(operation)
    const { signal, tenant } = options ?? {}
    if (signal?.aborted === true) throw signal.reason
    const id = tenantKey(key, tenant)
    const underWay = this.#flights.get(id) as Flight<T> | undefined
    if (underWay !== undefined) return underWay.wait(signal)
    if (options !== undefined) validate('call', options, CALL_RULES)
    const land = (): void => {
      if (this.#flights.get(id) === flight) this.#flights.delete(id)
    }
    const flight = new Flight<T>(land)
    this.#flights.set(id, flight)
    flight.start(async (own) => {
      try {
        return await operation(own)
      } finally {
        land()
      }
    })
    return flight.wait(signal)
  }
}

/**
 * Makes one call of many identical ones that are under way at the same time.
 *
 * @example
 * ```ts
 * import { createDedupe } from '@holdfast/core/cache'
 *
 * const dedupe = createDedupe()
 * let calls = 0
 * const ask = () => dedupe.run('weather:TEB', async () => `asked ${++calls} time`, { tenant: 'acme' })
 * console.log(await Promise.all([ask(), ask()]), dedupe.size)
 * ```
 */
export function createDedupe(): Dedupe {
  return new FlightBoard()
}
