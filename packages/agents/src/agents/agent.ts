import type { Provenance } from '@holdfast/ai'

/** Tokens of a run of an agent, over all its steps. */
export interface AgentUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** A tool that an agent has used. */
export interface AgentToolUse {
  readonly name: string
  readonly input: unknown
  /** Whether it gave a result; otherwise the model was told of a failure. */
  readonly ok: boolean
}

/** One call of the model, with the tools that it asked for. */
export interface AgentStep {
  /** 1 is the first. */
  readonly number: number
  readonly text: string
  readonly tools: readonly AgentToolUse[]
  readonly usage: AgentUsage
  /** In the currency of the prices; where it is known. */
  readonly cost?: number
  /** Who answered: of a failover or a list of tiers. */
  readonly provenance?: Provenance
}

/** Which limit ended a run. */
export type AgentLimit = 'steps' | 'tokens' | 'cost' | 'time'

/** What a run of an agent came to. */
export type AgentResult<Output = string> =
  | (AgentResultBase & { readonly status: 'completed'; readonly output: Output })
  /** A limit ended it: `text` is what there was by then. */
  | (AgentResultBase & { readonly status: 'partial'; readonly limit: AgentLimit; readonly output?: undefined })

interface AgentResultBase {
  readonly agent: string
  readonly text: string
  readonly usage: AgentUsage
  /** In the currency of the prices; where it is known of each step. */
  readonly cost?: number
  readonly steps: readonly AgentStep[]
  /** Of the last step. */
  readonly provenance?: Provenance
  readonly durationMs: number
}

/** What a run of an agent may be told. */
export interface AgentRunOptions {
  /** The caller's abort: it ends at once, with its reason. */
  readonly signal?: AbortSignal | undefined
  /** Total time, in ms from now, where that is less than the agent's own. 1 to 86,400,000. */
  readonly deadlineMs?: number | undefined
  readonly tenant?: string | undefined
  readonly requestId?: string | undefined
  /** The same when it is done again: keys of tool calls are made of it. Default: a new one. */
  readonly idempotencyKey?: string | undefined
  /** Hears of each step once it is over. What it throws is nobody's. */
  readonly onStep?: ((step: AgentStep) => void) | undefined
}

/** Somebody who does one kind of thing, with a model and tools, within limits. */
export interface Agent<Input = string, Output = string> {
  readonly name: string
  readonly description: string
  /**
   * @throws HoldfastError `AGENT_LIMIT_REACHED`; `AGENT_INPUT_INVALID`; `AGENT_OUTPUT_INVALID`; what the model or a tool failed with; the reason of the signal
   */
  run(input: Input, options?: AgentRunOptions): Promise<AgentResult<Output>>
}
