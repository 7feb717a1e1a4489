import { HoldfastError } from '@holdfast/core'
import type { Clock, Random } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import type { WorkflowSettings, WorkflowsOptions } from './options.ts'
import type { RunWaits } from './run-waits.ts'
import type { WorkflowRegistry } from './workflow.ts'

/** What everything about runs needs. */
export interface WorkflowEnvironment {
  readonly store: WorkflowsOptions['store']
  readonly jobs: WorkflowsOptions['jobs']
  readonly settings: WorkflowSettings
  readonly registry: WorkflowRegistry
  /** Its wall time is that of the store's database. */
  readonly clock: Clock
  /** To be waited for before the wall time is asked for. @param transaction one that is open. */
  follow(transaction?: Transaction): Promise<void>
  readonly random: Random
  readonly waits: RunWaits
  /** Lets somebody look at a run, now or at a time. Never fails: a wake-up that is lost is found by the sweep. */
  wake(tenant: string, runId: string, at?: number): Promise<void>
}

/** How often a transaction is made again, and how long before the first time, in ms. */
const MORE_TRIES = 5
const FIRST_WAIT_MS = 50

/** Runs a transaction of a tenant's workers; again where the database was away for a moment, or another was in the way. It has to find out itself what it has done before. */
export function persist<T>(
  { store, clock }: Pick<WorkflowEnvironment, 'store' | 'clock'>,
  tenant: string,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return patiently(clock, () => store.asWorker(tenant, work))
}

/** Asks the store; again where it was away for a moment. */
export async function patiently<T>(clock: Pick<Clock, 'sleep'>, ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (tries >= MORE_TRIES || !isPassing(error)) throw error
      await clock.sleep(FIRST_WAIT_MS * 2 ** tries)
    }
  }
}

/** Whether a failure of the store may be over in a moment. */
function isPassing(error: unknown): boolean {
  return HoldfastError.isInstance(error) && ['network', 'timeout', 'overloaded'].includes(error.category)
}
