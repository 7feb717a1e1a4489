import { HoldfastError, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { invalidOption } from '../http/options.ts'

/** A write that is made once. */
export interface RememberedWrite {
  /** Whose key it is: keys of two services are no concern of each other. */
  readonly service: string
  readonly key: string
  /** What the key stands for, as JSON can say it. */
  readonly input: unknown
  /** The caller's abort: it ends the waiting for somebody else's write at once. The write itself has to heed it by its own means. */
  readonly signal?: AbortSignal | undefined
  /**
   * So long after it was first begun the service itself makes the write only once for its key, in ms: until then one of which nobody knows whether it was made is made again. Default: 0, for a service that knows no
   * keys.
   */
  readonly repeatableForMs?: number | undefined
}

/**
 * Remembers writes by their idempotency key, for services that offer no such key themselves. {@link createWriteMemory} does so in the memory of a process; one that is kept in a store does so
 * across processes and restarts.
 */
export interface WriteMemory {
  /**
   * Makes a write, or gives back what the same key gave before; a call while the first one is under way shares its result.
   * A failure that cannot have taken effect is forgotten, and the key may be used again.
   * @throws HoldfastError `WRITE_UNCONFIRMED` when an earlier write with this key failed in a way that may have taken effect, or was not heard of again, and it cannot be made again or that has failed, too;
   * `IDEMPOTENCY_KEY_REUSED` when the key stood for a different input; any that says that the write could not be remembered, and so was not made.
   */
  once<T>(write: RememberedWrite, make: () => Promise<T>): Promise<T>
}

/** How much a memory holds. */
export interface WriteMemoryOptions {
  /** Keys that are remembered; the oldest go first. 1 to 1,000,000. Default: 10,000. */
  readonly maxKeys?: number | undefined
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/** Defaults of {@link WriteMemoryOptions}. */
export const WRITE_MEMORY_DEFAULTS: { readonly maxKeys: number } = Object.freeze({ maxKeys: 10_000 })

interface Entry {
  readonly input: string
  readonly begunAt: number
  result: Promise<unknown> | undefined
}

/** Makes a {@link WriteMemory} in this process: after a restart it knows nothing. @throws HoldfastError `INVALID_OPTION` */
export function createWriteMemory(options: WriteMemoryOptions = {}): WriteMemory {
  const maxKeys = options.maxKeys ?? WRITE_MEMORY_DEFAULTS.maxKeys
  if (!Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > 1_000_000)
    throw invalidOption('maxKeys', 'must be a whole number from 1 to 1,000,000')
  const { clock = systemClock } = options
  const entries = new Map<string, Entry>()

  return {
    async once<T>(write: RememberedWrite, make: () => Promise<T>): Promise<T> {
      const { service, key, input, signal, repeatableForMs = 0 } = write
      const id = `${service}\n${key}`
      const text = JSON.stringify(input)
      const known = entries.get(id)
      if (known !== undefined) {
        if (known.input !== text) throw reused(service)
        if (known.result !== undefined) {
          return untilAborted(
            (known.result as Promise<T>).catch((error: unknown) => {
              // What the first caller was told, its own abort perhaps, is not the whole truth for this one.
              throw entries.get(id) === known ? unconfirmed(service) : error
            }),
            signal,
          )
        }
        if (clock.now() - known.begunAt >= repeatableForMs) throw unconfirmed(service)
      }
      const entry: Entry = known ?? { input: text, begunAt: clock.now(), result: undefined }
      entries.set(id, entry)
      if (entries.size > maxKeys) entries.delete(entries.keys().next().value as string)
      const result = make().catch((error: unknown) => {
        const isHarmless = HoldfastError.isInstance(error) && !error.mayHaveTakenEffect
        // Of one that is made again, nobody knows more than before.
        if (isHarmless && known === undefined) entries.delete(id)
        else entry.result = undefined
        throw isHarmless && known !== undefined ? unconfirmed(service, error) : error
      })
      entry.result = result
      return result
    },
  }
}

async function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([result, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function unconfirmed(service: string, cause?: HoldfastError): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: `An earlier write to ${service} with this key may have taken effect; it is not made again until a person has looked`,
    retryable: false,
    mayHaveTakenEffect: true,
    ...(cause === undefined ? {} : { cause }),
  })
}

function reused(service: string): HoldfastError {
  return new HoldfastError({
    code: 'IDEMPOTENCY_KEY_REUSED',
    category: 'validation',
    message: `This idempotency key was used before for a different write to ${service}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
