import type { Jobs } from '@holdfast/agents/jobs'
import { systemClock } from '@holdfast/core'
import { forgetKeys, forgetWrites } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import type { Log } from '../http/context.ts'

const QUEUE = 'housekeeping'

/** Once a night, when there is least to do in most places. */
const EACH_NIGHT = { cron: '17 3 * * *', timeZone: 'UTC' }

/** What is done to the store at night. */
export interface Housekeeping {
  readonly store: Pick<Store, 'asWorker'>
  readonly jobs: Pick<Jobs, 'work' | 'schedule'>
  readonly tenants: readonly string[]
  /** How long idempotency keys are kept, and what was written to other systems, in ms. */
  readonly keepKeysMs: number
  readonly log: Log
}

/** Sets the nightly job, which one of the processes does. */
export async function keepHouse(house: Housekeeping): Promise<void> {
  await house.jobs.work(QUEUE, () => forgetOldKeys(house))
  await house.jobs.schedule('forget-keys', { queue: QUEUE, ...EACH_NIGHT, data: {} })
}

/** Forgets the idempotency keys of all tenants that are too old, and the writes to other systems. What fails is done by the next try of the job; what was forgotten stays so. */
export async function forgetOldKeys({ store, tenants, keepKeysMs, log }: Omit<Housekeeping, 'jobs'>): Promise<void> {
  const before = new Date(systemClock.wallTime() - keepKeysMs)
  const forgotten = { keys: 0, writes: 0 }
  for (const tenant of tenants) {
    for (let now = Infinity; now > 0; forgotten.keys += now) {
      now = await store.asWorker(tenant, (transaction) => forgetKeys(transaction, before))
    }
    for (let now = Infinity; now > 0; forgotten.writes += now) {
      now = await store.asWorker(tenant, (transaction) => forgetWrites(transaction, before))
    }
  }
  if (forgotten.keys > 0) log.info({ forgotten: forgotten.keys }, 'old idempotency keys were forgotten')
  if (forgotten.writes > 0) log.info({ forgotten: forgotten.writes }, 'old writes to other systems were forgotten')
}
