import { HoldfastError, systemClock } from '@holdfast/core'
import { openWriteMemory } from '@holdfast/store/database'
import type { Store, StoredWriteMemory } from '@holdfast/store/database'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import { readBehind } from '../telemetry/read-behind.ts'

/** A memory of writes that is there before the store is; until then nothing is written. */
export interface ServerWrites extends StoredWriteMemory {
  /** From now on writes are remembered there. Its tenants must be there. */
  useStore(store: Pick<Store, 'asWorker'>): void
  /** How many wait for a person, 100 at most; as the store said when it was asked last, `undefined` while it was not. */
  waiting(): number | undefined
}

/** Opens the memory of what the connectors of a server write. @param account tells its accounts from those of others that share the store. */
export function openServerWrites(log: Log, account?: string): ServerWrites {
  let store: Pick<Store, 'asWorker'> | undefined
  const memory = openWriteMemory({
    store: { asWorker: (...work) => (store === undefined ? Promise.reject(notOpen()) : store.asWorker(...work)) },
    // The accounts are those of whoever runs the server.
    tenant: 'default',
    account,
  })
  const waiting = readBehind(
    async () => (await memory.unconfirmed()).length,
    () => systemClock.now(),
  )
  return {
    ...memory,
    waiting: waiting.get,
    async once(write, make) {
      try {
        return await memory.once(write, make)
      } catch (error) {
        if (HoldfastError.isInstance(error) && error.mayHaveTakenEffect) {
          const { service, key } = write
          log.warn(
            { ...describeFailure(error), service, key },
            'nobody knows whether a write was made: it is not made again until a person has settled it, see GET /admin/writes',
          )
        }
        throw error
      }
    },
    useStore(given) {
      store = given
    },
  }
}

function notOpen(): HoldfastError {
  return new HoldfastError({
    code: 'STORE_UNREACHABLE',
    category: 'network',
    message: 'The store has not been opened yet',
    retryable: true,
    mayHaveTakenEffect: false,
  })
}
