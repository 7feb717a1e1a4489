import { HoldfastError } from '@holdfast/core'

/**
 * Remembers writes by their idempotency key, for services that offer no such key themselves. In the memory of this process: after
 * a restart it knows nothing.
 */
export interface WriteRegistry {
  /**
   * Runs a write, or gives back what the same key gave before; a call while the first one is under way shares its result.
   * A failure that cannot have taken effect is forgotten, and the key may be used again.
   * @throws HoldfastError `WRITE_UNCONFIRMED` when an earlier write with this key failed in a way that may have taken effect;
   * `IDEMPOTENCY_KEY_REUSED` when the key stood for a different input.
   */
  once<T>(key: string | undefined, input: unknown, write: () => Promise<T>): Promise<T>
}

interface Entry {
  readonly input: string
  result: Promise<unknown> | undefined
}

/** Keys remembered by default; the oldest go first. */
const MAX_KEYS = 10_000

/** Makes a {@link WriteRegistry} for one kind of write. */
export function createWriteRegistry(service: string, maxKeys: number = MAX_KEYS): WriteRegistry {
  const entries = new Map<string, Entry>()

  return {
    once<T>(key: string | undefined, input: unknown, write: () => Promise<T>): Promise<T> {
      if (key === undefined) return write()
      const text = JSON.stringify(input)
      const known = entries.get(key)
      if (known !== undefined) {
        if (known.input !== text) return Promise.reject(reused(service))
        if (known.result === undefined) return Promise.reject(unconfirmed(service))
        return (known.result as Promise<T>).catch((error: unknown) => {
          // What the first caller was told, its own abort perhaps, is not the whole truth for this one.
          throw entries.get(key) === known ? unconfirmed(service) : error
        })
      }
      const entry: Entry = { input: text, result: undefined }
      entries.set(key, entry)
      if (entries.size > maxKeys) entries.delete(entries.keys().next().value as string)
      const result = write().catch((error: unknown) => {
        if (HoldfastError.isInstance(error) && !error.mayHaveTakenEffect) entries.delete(key)
        else entry.result = undefined
        throw error
      })
      entry.result = result
      return result
    },
  }
}

function unconfirmed(service: string): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: `An earlier write to ${service} with this key may have taken effect; it is not made again until a person has looked`,
    retryable: false,
    mayHaveTakenEffect: true,
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
