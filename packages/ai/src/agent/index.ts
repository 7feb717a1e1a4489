export { AGENT_DEFAULTS, agentModel } from './agent-model.ts'
export type { AgentModelOptions } from './agent-model.ts'
export { idempotencyKey } from './context.ts'
export type { AgentContext } from './context.ts'
