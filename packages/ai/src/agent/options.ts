import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Clock } from '@holdfast/core'
import type { ToolSet } from 'ai'
import type { AgentContext } from './context.ts'

/** What an agent is made of. */
export interface AgentModelOptions {
  /** Becomes the `modelId`. */
  readonly name: string
  readonly model: LanguageModelV4
  /** The AI SDK's tools, or a function that makes them for one request. */
  readonly tools: ToolSet | ((context: AgentContext) => ToolSet)
  /** Goes before the caller's own system text. */
  readonly instructions: string | ((context: AgentContext) => string)
  /** Model calls for one answer; in the last one the model gets no tools and has to answer. 1 to 100. Default: 8. */
  readonly maxSteps?: number
  /** Total time for one answer, tools included, in ms. Default: none; a tier has a slice of its own. */
  readonly timeoutMs?: number
  /**
   * How much of a step's text is kept back until it is clear whether it is the answer or only "Let me look that up" before a
   * tool call (which is dropped), in characters. 0 streams every word as it comes. Default: 120.
   */
  readonly preambleChars?: number
  readonly clock?: Clock
}

/** What {@link AgentModelOptions} fall back to. */
export const AGENT_DEFAULTS: Readonly<{ maxSteps: number; preambleChars: number }> = Object.freeze({
  maxSteps: 8,
  preambleChars: 120,
})
