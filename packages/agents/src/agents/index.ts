/** Agents: a model with instructions, tools, a form for its answer, and limits on steps, tokens, time and money. */
export { defineAgent } from './define-agent.ts'
export { AGENT_LIMITS } from './options.ts'
export type { AgentOptions, AgentToolContext, AgentToolOptions } from './options.ts'
export type { Agent, AgentLimit, AgentResult, AgentRunOptions, AgentStep, AgentToolUse, AgentUsage } from './agent.ts'
