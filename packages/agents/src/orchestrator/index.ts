/** Who does what: requests are routed to specialised workflows by rules or by a model, started by events, asked side by side and put together. */
export { createOrchestrator } from './create-orchestrator.ts'
export { createRouter } from './create-router.ts'
export { ORCHESTRATOR_DEFAULTS } from './options.ts'
export type { EventTrigger, OrchestratorOptions, Responsibility, RouterOptions, Specialist } from './options.ts'
export type { Dispatched, DispatchOptions, OrchestratedEvent, Orchestrator, Route } from './orchestrator.ts'
export { scatter } from './scatter.ts'
export type { ScatterOptions, ScatterResult } from './scatter.ts'
