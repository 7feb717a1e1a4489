import { randomUUID } from 'node:crypto'
import { costOf, provenanceOf } from '@holdfast/ai'
import { idempotencyKey } from '@holdfast/ai/agent'
import { HoldfastError, systemClock, toHoldfastError } from '@holdfast/core'
import { generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } from 'ai'
import type { StepResult, ToolSet } from 'ai'
import { failureOf } from '../jobs/failures.ts'
import { DAY_MS, wholeFrom } from '../mcp/shared/invalid.ts'
import type { Agent, AgentLimit, AgentResult, AgentRunOptions, AgentStep, AgentUsage } from './agent.ts'
import { agentSettings } from './options.ts'
import type { AgentOptions, AgentSettings, AgentToolContext, AgentToolOptions } from './options.ts'

/**
 * Defines an agent: a model with instructions, tools, a form for its answer, and limits on its steps, tokens, time and money.
 *
 * A limit ends the run with `AGENT_LIMIT_REACHED`, or with what there is, marked as partial. Nothing is retried here: the model is a failover, and tools stand on integrations.
 *
 * @throws HoldfastError `INVALID_OPTION`
 */
export function defineAgent<Input = string, Output = string>(
  options: AgentOptions<Input, Output>,
): Agent<Input, Output> {
  const settings = agentSettings(options as unknown as AgentOptions<never, unknown>)
  const { name, description } = options
  return Object.freeze({
    name,
    description,
    run: (input: Input, more: AgentRunOptions = {}) => new AgentRun(options, settings, more).run(input),
  })
}

class AgentRun<Input, Answer> {
  readonly #options: AgentOptions<Input, Answer>
  readonly #settings: AgentSettings
  readonly #more: AgentRunOptions
  readonly #steps: AgentStep[] = []
  readonly #stop = new AbortController()
  #limit: AgentLimit | undefined
  #trouble: HoldfastError | undefined

  constructor(options: AgentOptions<Input, Answer>, settings: AgentSettings, more: AgentRunOptions) {
    this.#options = options
    this.#settings = settings
    this.#more = more
  }

  async run(given: Input): Promise<AgentResult<Answer>> {
    const { clock = systemClock } = this.#options
    const { signal, deadlineMs } = this.#more
    signal?.throwIfAborted()
    if (deadlineMs !== undefined) wholeFrom('deadlineMs', deadlineMs, 1, DAY_MS)
    const input = await this.#check(given)
    const startedAt = clock.now()
    const timer = clock.schedule(Math.min(this.#settings.timeoutMs, deadlineMs ?? Infinity), () => {
      this.#limit ??= 'time'
      this.#stop.abort(this.#reached('time'))
    })
    const abort = (): void => this.#stop.abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) abort()
    try {
      const text = await this.#untilStopped(this.#generate(input))
      return this.#result(text, clock.now() - startedAt)
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      if (this.#limit === 'time') return this.#result(undefined, clock.now() - startedAt)
      throw this.#failure(error)
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', abort)
      if (!this.#stop.signal.aborted) this.#stop.abort(new Error('The run of the agent is over'))
    }
  }

  async #check(given: Input): Promise<Input> {
    const { input: schema, name } = this.#options
    if (schema === undefined) return given
    const checked = await schema.safeParseAsync(given)
    if (checked.success) return checked.data
    const [issue] = checked.error.issues
    const where = ['input', ...(issue?.path ?? []).map(String)].join('.')
    throw agentError('AGENT_INPUT_INVALID', 'validation', `${name}: ${where}: ${issue?.message ?? 'is wrong'}`)
  }

  /** @returns the text of the last step. */
  async #generate(input: Input): Promise<string> {
    const { model, instructions, output, prompt = defaultPrompt } = this.#options
    const { tenant = 'default', requestId } = this.#more
    const asked = prompt(input)
    const tools = await this.#tools()
    const { text } = await generateText({
      model,
      instructions: typeof instructions === 'function' ? instructions(input) : instructions,
      ...(typeof asked === 'string' ? { prompt: asked } : { messages: asked }),
      ...(Object.keys(tools).length === 0 ? {} : { tools }),
      ...(output === undefined ? {} : { output: Output.object({ schema: output as never }) }),
      ...(this.#settings.maxOutputTokens === undefined ? {} : { maxOutputTokens: this.#settings.maxOutputTokens }),
      stopWhen: () => this.#isOver(),
      onStepEnd: (step) => this.#note(step as StepResult<ToolSet>),
      maxRetries: 0,
      abortSignal: this.#stop.signal,
      providerOptions: { holdfast: { tenant, ...(requestId === undefined ? {} : { requestId }) } },
    })
    return text
  }

  async #tools(): Promise<ToolSet> {
    const { tools = {} } = this.#options
    const { tenant = 'default', requestId, idempotencyKey: key = randomUUID() } = this.#more
    const keyFor = (tool: string, input: unknown): Promise<string> =>
      idempotencyKey({ tenant, requestId: key }, tool, input)
    const context: AgentToolContext = { tenant, requestId, signal: this.#stop.signal, keyFor }
    const made = typeof tools === 'function' ? await tools(context) : tools
    return Object.fromEntries(
      Object.entries(made).map(([name, tool]) => {
        const { execute } = tool
        if (execute === undefined) return [name, tool]
        const run = async (input: unknown, given: AgentToolOptions): Promise<unknown> => {
          try {
            return await execute.call(
              tool,
              input as never,
              { ...given, tenant, requestId, idempotencyKey: await keyFor(name, input) } as never,
            )
          } catch (error) {
            throw new ToolFailure(failureOf(error).message)
          }
        }
        return [name, { ...tool, execute: run }]
      }),
    ) as ToolSet
  }

  #note(step: StepResult<ToolSet>): void {
    const { usage, providerMetadata, model } = step
    const provenance = provenanceOf(providerMetadata)
    const tokens: AgentUsage = { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 }
    const { cacheReadTokens, cacheWriteTokens } = usage.inputTokenDetails
    const price = this.#settings.prices[model.modelId] ?? this.#settings.prices['*']
    const cost =
      provenance?.cost ??
      (price === undefined
        ? undefined
        : costOf(
            {
              ...tokens,
              ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
              ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
            },
            price,
          ))
    const failed = new Set(step.content.flatMap((part) => (part.type === 'tool-error' ? [part.toolCallId] : [])))
    const noted: AgentStep = {
      number: this.#steps.length + 1,
      text: step.text,
      tools: step.toolCalls.map(({ toolName, input, toolCallId }) => ({
        name: toolName,
        input: input as unknown,
        ok: !failed.has(toolCallId),
      })),
      usage: tokens,
      ...(cost === undefined ? {} : { cost }),
      ...(provenance === undefined ? {} : { provenance }),
    }
    this.#steps.push(noted)
    if (cost === undefined && this.#settings.maxCost < Infinity) {
      this.#trouble = agentError(
        'AGENT_COST_UNKNOWN',
        'configuration',
        `${this.#options.name}: there is a limit on cost, and no price for ${model.modelId}`,
      )
    }
    try {
      this.#more.onStep?.(noted)
    } catch {
      // A listener's trouble is its own.
    }
  }

  /** Asked after a step whose tools have answered: whether there is to be another. */
  #isOver(): boolean {
    if (this.#trouble !== undefined) return true
    const { maxSteps, maxTokens, maxCost } = this.#settings
    const { inputTokens, outputTokens } = this.#usage()
    if (inputTokens + outputTokens >= maxTokens) this.#limit ??= 'tokens'
    else if ((this.#cost() ?? 0) >= maxCost) this.#limit ??= 'cost'
    else if (this.#steps.length >= maxSteps) this.#limit ??= 'steps'
    return this.#limit !== undefined
  }

  #usage(): AgentUsage {
    const sum = (of: keyof AgentUsage): number => this.#steps.reduce((total, { usage }) => total + usage[of], 0)
    return { inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') }
  }

  /** `undefined` unless it is known of each step. */
  #cost(): number | undefined {
    return this.#steps.reduce<number | undefined>(
      (total, { cost }) => (total === undefined || cost === undefined ? undefined : total + cost),
      0,
    )
  }

  #result(text: string | undefined, durationMs: number): AgentResult<Answer> {
    const { name, output: schema } = this.#options
    if (this.#trouble !== undefined) throw this.#trouble
    const last = this.#steps.at(-1)
    const cost = this.#cost()
    const base = {
      agent: name,
      text: text ?? last?.text ?? '',
      usage: this.#usage(),
      ...(cost === undefined ? {} : { cost }),
      steps: [...this.#steps],
      ...(last?.provenance === undefined ? {} : { provenance: last.provenance }),
      durationMs,
    }
    // A run that has answered in its last step has answered.
    const isCut = this.#limit === 'time' || (this.#limit !== undefined && (last?.tools.length ?? 0) > 0)
    if (isCut) {
      if (this.#settings.onLimit === 'fail') throw this.#reached(this.#limit!)
      return { ...base, status: 'partial', limit: this.#limit! }
    }
    if (schema === undefined) {
      if (base.text === '')
        throw agentError('AGENT_OUTPUT_INVALID', 'malformed', `${name}: the model has answered nothing`)
      return { ...base, status: 'completed', output: base.text as Answer }
    }
    return { ...base, status: 'completed', output: this.#parse(base.text) }
  }

  #parse(text: string): Answer {
    const { name, output: schema } = this.#options
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw agentError('AGENT_OUTPUT_INVALID', 'malformed', `${name}: the answer is no JSON`)
    }
    const parsed = schema!.safeParse(value)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const where = ['output', ...(issue?.path ?? []).map(String)].join('.')
    throw agentError('AGENT_OUTPUT_INVALID', 'malformed', `${name}: ${where}: ${issue?.message ?? 'is wrong'}`)
  }

  #reached(limit: AgentLimit): HoldfastError {
    const { maxSteps, maxTokens, maxCost, timeoutMs } = this.#settings
    const allowed = {
      steps: `${maxSteps} steps`,
      tokens: `${maxTokens} tokens`,
      cost: `a cost of ${maxCost}`,
      time: `${Math.min(timeoutMs, this.#more.deadlineMs ?? Infinity)} ms`,
    }[limit]
    return new HoldfastError({
      code: 'AGENT_LIMIT_REACHED',
      category: limit === 'time' ? 'timeout' : 'rejected',
      message: `${this.#options.name} has not come to an answer within ${allowed}`,
      retryable: false,
      mayHaveTakenEffect: this.#usedTools(),
      cause: { limit, usage: this.#usage(), steps: this.#steps.length },
    })
  }

  #usedTools(): boolean {
    return this.#steps.some(({ tools }) => tools.length > 0)
  }

  #failure(error: unknown): HoldfastError {
    const { name } = this.#options
    if (NoObjectGeneratedError.isInstance(error) || NoOutputGeneratedError.isInstance(error))
      return agentError(
        'AGENT_OUTPUT_INVALID',
        'malformed',
        `${name}: the answer does not have the form that was asked for`,
      )
    return toHoldfastError(error, name)
  }

  /** Whatever does not listen is not waited for. */
  #untilStopped<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#stop
    work.catch(() => undefined)
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      work.then(resolve, reject)
    })
  }
}

/** What a model hears of a tool that failed: it prints without the name of a class. */
class ToolFailure extends Error {
  override readonly name = ''
}

function defaultPrompt(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input)
}

function agentError(code: string, category: HoldfastError['category'], message: string): HoldfastError {
  return new HoldfastError({
    code,
    category,
    message,
    retryable: category === 'malformed',
    mayHaveTakenEffect: category === 'malformed',
  })
}
