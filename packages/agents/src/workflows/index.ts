/** Workflows: functions that are finished once they were begun, over waits, crashes and days. What they have done is in the store, and jobs drive them. */
export { createWorkflows } from './create-workflows.ts'
export type { WorkflowFailure } from './failures.ts'
export { WORKFLOW_DEFAULTS } from './options.ts'
export type { WorkflowsOptions } from './options.ts'
export type { WorkflowEventName } from './records/tell.ts'
export { STEP_DEFAULTS } from './run.ts'
export type {
  AgentStepOptions,
  ApprovalOptions,
  ChildReport,
  Decision,
  DelegateOptions,
  Gathered,
  GatherOptions,
  GatherResult,
  Received,
  SignalTo,
  StepContext,
  StepOptions,
  WorkflowRun,
} from './run.ts'
export { defineWorkflow } from './workflow.ts'
export type { Workflow, WorkflowOptions } from './workflow.ts'
export type {
  Caller,
  DecideOptions,
  ListOptions,
  RunSnapshot,
  RunSummary,
  SentSignal,
  SignalOptions,
  StartedRun,
  StartOptions,
  StepSnapshot,
  Workflows,
  WorkflowWorker,
} from './workflows.ts'
