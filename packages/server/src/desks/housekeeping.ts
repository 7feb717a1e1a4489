import type { Jobs } from '@holdfast/agents/jobs'
import { systemClock } from '@holdfast/core'
import { forgetEvents, forgetKeys, forgetWrites } from '@holdfast/store/database'
import type { Store, Transaction } from '@holdfast/store/database'
import type { Log } from '../http/context.ts'

const QUEUE = 'housekeeping'

/** Once a night, when there is least to do in most places. */
const EACH_NIGHT = { cron: '17 3 * * *', timeZone: 'UTC' }

/** How long what is not needed any more is kept, in ms. */
export interface Keep {
  /** Idempotency keys, and what was written to other systems. */
  readonly keepKeysMs: number
  /** Events. */
  readonly keepEventsMs: number
}

/** What is done to the store at night. */
export interface Housekeeping {
  readonly store: Pick<Store, 'asWorker'>
  readonly jobs: Pick<Jobs, 'work' | 'schedule'>
  readonly tenants: readonly string[]
  readonly keep: Keep
  readonly log: Log
}

/** Sets the nightly job, which one of the processes does. @param seal keeps secrets by the key that is given now. */
export async function keepHouse(house: Housekeeping, seal: () => Promise<void>): Promise<void> {
  await house.jobs.work(QUEUE, async () => {
    await seal()
    await forgetOld(house)
  })
  // Its first version forgot keys alone.
  await house.jobs.schedule('forget-keys', { queue: QUEUE, ...EACH_NIGHT, data: {} })
}

/** Forgets what is too old, of all tenants. What fails is done by the next try of the job; what was forgotten stays so. */
export async function forgetOld({ store, tenants, keep, log }: Omit<Housekeeping, 'jobs'>): Promise<void> {
  const all = async (forget: (transaction: Transaction, before: Date) => Promise<number>, keptMs: number) => {
    const before = new Date(systemClock.wallTime() - keptMs)
    let forgotten = 0
    for (const tenant of tenants) {
      for (let now = Infinity; now > 0; forgotten += now) {
        now = await store.asWorker(tenant, (transaction) => forget(transaction, before))
      }
    }
    return forgotten
  }
  const keys = await all(forgetKeys, keep.keepKeysMs)
  const writes = await all(forgetWrites, keep.keepKeysMs)
  const events = await all(forgetEvents, keep.keepEventsMs)
  if (keys + writes + events > 0) log.info({ keys, writes, events }, 'what is old was forgotten')
}
