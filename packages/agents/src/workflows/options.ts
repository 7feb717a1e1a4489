import type { Clock, Random } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import type { Jobs } from '../jobs/jobs.ts'
import { invalid, wholeFrom } from '../mcp/shared/invalid.ts'
import type { Workflow } from './workflow.ts'

/** How workflows are made. */
export interface WorkflowsOptions {
  /** Where runs, steps and signals are kept. */
  readonly store: Pick<Store, 'asWorker' | 'withClaims'> & Partial<Pick<Store, 'onEvents'>>
  /** What drives them. */
  readonly jobs: Pick<Jobs, 'add' | 'work'>
  /** Those that can be started and driven here, each name in one or more versions. */
  readonly workflows: readonly Workflow<never>[]
  /** The queue of the jobs. Default: `workflows`. */
  readonly queue?: string | undefined
  /** How long a worker has a run before it has to say again that it is at it, in ms. After so long without a word another goes on. 1,000 to 3,600,000. Default: 30,000. */
  readonly leaseMs?: number | undefined
  /** How often runs whose wake-up was lost are looked for, in ms. 100 to 3,600,000. Default: 5,000. */
  readonly sweepMs?: number | undefined
  /** Workers that a run may lose, one after the other at the same step, before it is given up. 1 to 100. Default: 5. */
  readonly maxLostLeases?: number | undefined
  /** Runs of a tenant that are not over. 1 to 1,000,000. Default: 10,000. */
  readonly maxOpenRuns?: number | undefined
  /** Steps of a run. 1 to 10,000. Default: 1,000. */
  readonly maxSteps?: number | undefined
  /** Signals to a run. 1 to 10,000. Default: 1,000. */
  readonly maxSignals?: number | undefined
  /** Of an input, a result of a step, an output or a signal, in characters of JSON. 1,024 to 10,485,760. Default: 262,144. */
  readonly maxResultChars?: number | undefined
  /** How long a run of which no worker knows the workflow in its version waits for one, in ms. 0 to 86,400,000. Default: 600,000. */
  readonly unknownVersionMs?: number | undefined
  /** How long runs that are over are kept, in ms. 1,000 to 315,360,000,000. Default: 2,592,000,000, thirty days. */
  readonly keepMs?: number | undefined
  /** Default: one whose wall time is that of the store's database, so that processes whose clocks differ agree on whose turn it is and what is due. */
  readonly clock?: Clock | undefined
  /** Default: the system's. */
  readonly random?: Random | undefined
}

type Numbers =
  | 'leaseMs'
  | 'sweepMs'
  | 'maxLostLeases'
  | 'maxOpenRuns'
  | 'maxSteps'
  | 'maxSignals'
  | 'maxResultChars'
  | 'unknownVersionMs'
  | 'keepMs'

/** What {@link WorkflowsOptions} fall back to. */
export const WORKFLOW_DEFAULTS: Readonly<Record<Numbers, number> & { queue: string }> = Object.freeze({
  queue: 'workflows',
  leaseMs: 30_000,
  sweepMs: 5_000,
  maxLostLeases: 5,
  maxOpenRuns: 10_000,
  maxSteps: 1_000,
  maxSignals: 1_000,
  maxResultChars: 262_144,
  unknownVersionMs: 600_000,
  keepMs: 2_592_000_000,
})

const RANGES: Readonly<Record<Numbers, readonly [number, number]>> = {
  leaseMs: [1_000, 3_600_000],
  sweepMs: [100, 3_600_000],
  maxLostLeases: [1, 100],
  maxOpenRuns: [1, 1_000_000],
  maxSteps: [1, 10_000],
  maxSignals: [1, 10_000],
  maxResultChars: [1_024, 10_485_760],
  unknownVersionMs: [0, 86_400_000],
  keepMs: [1_000, 315_360_000_000],
}

/** Options with their defaults. */
export type WorkflowSettings = Readonly<Record<Numbers, number> & { queue: string }>

/** @throws HoldfastError `INVALID_OPTION` */
export function workflowSettings(options: WorkflowsOptions): WorkflowSettings {
  const { queue = WORKFLOW_DEFAULTS.queue } = options
  if (typeof queue !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(queue))
    throw invalid('queue', '1 to 64 lower-case letters, digits and "-"', queue)
  const numbers = {} as Record<Numbers, number>
  for (const name of Object.keys(RANGES) as Numbers[]) {
    numbers[name] = wholeFrom(name, options[name] ?? WORKFLOW_DEFAULTS[name], ...RANGES[name])
  }
  return { queue, ...numbers }
}
