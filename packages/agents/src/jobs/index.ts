/** Jobs: work that somebody does, once, whatever happens in between. The driver says where it waits: `@holdfast/agents/jobs/pg-boss` or `@holdfast/agents/jobs/bullmq`. */
export { JOB_DEFAULTS, lastRuns, nextRuns } from './checks.ts'
export { createJobs } from './create-jobs.ts'
export type { ClaimedJob, DriverWorker, Envelope, FoundJob, JobDriver, NewJob, OnSettled, Outcome } from './driver.ts'
export type { JobAdded, JobEnded, JobEvent, JobStarted, QueueTroubled } from './events.ts'
export { UnrecoverableJobError } from './failures.ts'
export type {
  AddedJob,
  AddOptions,
  DeadLetter,
  JobCounts,
  JobFailure,
  JobHandler,
  JobPriority,
  JobReference,
  JobRetry,
  JobSnapshot,
  JobState,
  JobTree,
  JobWorker,
  NewSchedule,
  RunningJob,
  Schedule,
  WorkOptions,
} from './job.ts'
export type { Jobs, ResultOptions } from './jobs.ts'
export type { JobJournal, JobsOptions } from './options.ts'
