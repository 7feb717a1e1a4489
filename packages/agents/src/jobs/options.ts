import type { Clock, CoreEvent, Events, Integration } from '@holdfast/core'
import type { JobDriver } from './driver.ts'
import type { JobEvent } from './events.ts'

/** What jobs need of a journal: the one of `@holdfast/store/journal` has it. Nobody else may replay it. */
export interface JobJournal {
  append(record: {
    readonly kind: string
    readonly key: string
    readonly tenant?: string
    readonly data: unknown
  }): Promise<unknown>
  replay(
    handler: (record: { readonly data: unknown }, context: { readonly signal: AbortSignal }) => unknown,
    options?: { readonly signal?: AbortSignal; readonly onFailure?: (error: unknown) => 'stop' | 'continue' },
  ): Promise<{ readonly complete: boolean }>
  snapshot(): { readonly pending: number }
}

/** How jobs are made. */
export interface JobsOptions {
  /** Where they wait. */
  readonly driver: JobDriver
  /** Takes jobs while the queue is away. Default: none; adding fails then. */
  readonly journal?: JobJournal | undefined
  /** For adding, and for each other question to the queue, in ms. 1 to 300,000. Default: 2,000. */
  readonly addTimeoutMs?: number | undefined
  /** Every question to the queue runs through it. Default: one named `jobs`, of kind `queue`. */
  readonly integration?: Integration | undefined
  readonly events?: Events<JobEvent> | undefined
  /** Where the default integration reports. */
  readonly coreEvents?: Events<CoreEvent> | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}
