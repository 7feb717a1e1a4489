import type { LanguageModelV4 } from '@ai-sdk/provider'
import { priceOf } from '@holdfast/ai'
import type { Price } from '@holdfast/ai'
import type { Clock } from '@holdfast/core'
import type { ModelMessage, ToolExecutionOptions, ToolSet } from 'ai'
import type { z } from 'zod'
import { checkName, DAY_MS, invalid, wholeFrom } from '../mcp/shared/invalid.ts'

/** For whom an agent works. */
export interface AgentToolContext {
  readonly tenant: string
  readonly requestId: string | undefined
  /** Aborts when the run ends, however it does. */
  readonly signal: AbortSignal
  /** A key for one deed of this run: the same tool with the same input has the same, also when the run is done again. 64 hexadecimal digits. */
  keyFor(tool: string, input: unknown): Promise<string>
}

/** What the `execute` of a tool is told here, beside what the AI SDK tells it. */
export interface AgentToolOptions extends ToolExecutionOptions<unknown> {
  /** Of this call: a tool that writes passes it on. */
  readonly idempotencyKey: string
  readonly tenant: string
  readonly requestId: string | undefined
}

/** What an agent is made of. */
export interface AgentOptions<Input = string, Output = string> {
  /** 1 to 60 lower-case letters, digits and `-`. */
  readonly name: string
  /** What it is good for, in words; routing by a model goes by them. */
  readonly description: string
  /** Any model: a failover, a list of tiers. */
  readonly model: LanguageModelV4
  readonly instructions: string | ((input: Input) => string)
  /** Of the AI SDK, or of an MCP registry; or what makes them for one run. Default: none. */
  readonly tools?: ToolSet | ((context: AgentToolContext) => ToolSet | Promise<ToolSet>) | undefined
  /** Checks what it is asked. Default: text. */
  readonly input?: z.ZodType<Input> | undefined
  /** What the model is asked. Default: text as it is, anything else as JSON. */
  readonly prompt?: ((input: Input) => string | ModelMessage[]) | undefined
  /** What it has to answer with. Default: text. */
  readonly output?: z.ZodType<Output> | undefined
  /** Calls of the model in one run. 1 to 100. Default: 10. */
  readonly maxSteps?: number | undefined
  /** Tokens of one run, in and out. After the call that goes beyond there is no other. 1 to 1,000,000,000. Default: no limit. */
  readonly maxTokens?: number | undefined
  /** Tokens of one answer of the model. 1 to 1,000,000. Default: as many as the model gives. */
  readonly maxOutputTokens?: number | undefined
  /** What one run may cost, in the currency of the prices. After the call that goes beyond there is no other. Above 0. Default: no limit. */
  readonly maxCost?: number | undefined
  /** By the id of the model, `*` for any other. Where the model tells its cost itself, as a failover with prices does, that counts. Default: none. */
  readonly prices?: Readonly<Record<string, Price>> | undefined
  /** Total time of one run, tools included, in ms. 1 to 86,400,000. Default: 120,000. */
  readonly timeoutMs?: number | undefined
  /** What a limit does: an error, or a result that says that it is partial. Default: `fail`. */
  readonly onLimit?: 'fail' | 'partial' | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** What {@link AgentOptions} fall back to. */
export const AGENT_LIMITS: Readonly<{ maxSteps: number; timeoutMs: number; onLimit: 'fail' | 'partial' }> =
  Object.freeze({
    maxSteps: 10,
    timeoutMs: 120_000,
    onLimit: 'fail',
  })

/** Limits with their defaults. */
export interface AgentSettings {
  readonly maxSteps: number
  readonly maxTokens: number
  readonly maxOutputTokens: number | undefined
  readonly maxCost: number
  readonly timeoutMs: number
  readonly onLimit: 'fail' | 'partial'
  readonly prices: Readonly<Record<string, Price>>
}

/** @throws HoldfastError `INVALID_OPTION` */
export function agentSettings(options: AgentOptions<never, unknown>): AgentSettings {
  const {
    name,
    description,
    model,
    maxTokens,
    maxOutputTokens,
    maxCost,
    prices = {},
    onLimit = AGENT_LIMITS.onLimit,
  } = options
  checkName('name', name)
  if (typeof description !== 'string' || description === '') throw invalid('description', 'text', description)
  if (typeof (model as { doGenerate?: unknown } | undefined)?.doGenerate !== 'function')
    throw invalid('model', 'a language model', model)
  if (onLimit !== 'fail' && onLimit !== 'partial') throw invalid('onLimit', '"fail" or "partial"', onLimit)
  if (maxCost !== undefined && !(maxCost > 0 && maxCost < Infinity))
    throw invalid('maxCost', 'a number above 0', maxCost)
  return {
    maxSteps: wholeFrom('maxSteps', options.maxSteps ?? AGENT_LIMITS.maxSteps, 1, 100),
    maxTokens: maxTokens === undefined ? Infinity : wholeFrom('maxTokens', maxTokens, 1, 1_000_000_000),
    maxOutputTokens:
      maxOutputTokens === undefined ? undefined : wholeFrom('maxOutputTokens', maxOutputTokens, 1, 1_000_000),
    maxCost: maxCost ?? Infinity,
    timeoutMs: wholeFrom('timeoutMs', options.timeoutMs ?? AGENT_LIMITS.timeoutMs, 1, DAY_MS),
    onLimit,
    prices: Object.fromEntries(Object.entries(prices).map(([id, price]) => [id, priceOf(price, `prices.${id}`)!])),
  }
}
