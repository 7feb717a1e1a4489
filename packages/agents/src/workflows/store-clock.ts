import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import type { WorkflowsOptions } from './options.ts'

/** How long a reading of the database's time is counted on from, in ms: clocks of machines part by some ms in that time. */
const READING_MS = 60_000

/** Who asks what time it is: it has no rows of its own. */
const NOBODY = 'holdfast-workflows'

/** A clock whose wall time is that of a store's database, the same for all processes. */
export interface StoreClock extends Clock {
  /**
   * Reads the time where the last reading is a minute old. Until the first one the wall time is this machine's.
   * @param transaction one that is open, where an embedded database has no room for another.
   * @throws HoldfastError of the store, as long as there is no reading.
   */
  follow(transaction?: Transaction): Promise<void>
}

/** Reads the time of a store's database, and counts on from there by the steady clock of this process: what its wall clock says, and whether that is set, is all the same. */
export function storeClock(store: Pick<WorkflowsOptions['store'], 'asWorker'>, own: Clock = systemClock): StoreClock {
  let reading: { readonly aheadMs: number; readonly readAt: number } | undefined
  let under: Promise<void> | undefined

  async function read(transaction: Transaction): Promise<void> {
    const askedAt = own.now()
    const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(transaction)
    const readAt = own.now()
    reading = { aheadMs: rows[0]!.at.getTime() - (askedAt + readAt) / 2, readAt }
  }

  return {
    now: () => own.now(),
    wallTime: () => (reading === undefined ? own.wallTime() : Math.round(own.now() + reading.aheadMs)),
    sleep: (ms, signal) => own.sleep(ms, signal),
    schedule: (ms, callback) => own.schedule(ms, callback),
    async follow(transaction) {
      if (reading !== undefined && own.now() - reading.readAt < READING_MS) return
      if (transaction !== undefined) return read(transaction)
      under ??= store.asWorker(NOBODY, read).finally(() => (under = undefined))
      // An old reading is better than none.
      await under.catch((error: unknown) => {
        if (reading === undefined) throw error
      })
    },
  }
}
