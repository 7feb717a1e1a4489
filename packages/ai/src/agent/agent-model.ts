import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { HoldfastError, systemClock, toHoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { isStepCount, streamText } from 'ai'
import type { LanguageModelUsage, TextStreamPart, ToolSet } from 'ai'
import { emptyAnswer, incompleteAnswer } from '../errors/failures.ts'
import { reportHeaders, reportMetadata, reportOf } from '../provenance/report.ts'
import { collect } from '../stream-parts/collect.ts'
import { contextOf } from './context.ts'
import type { AgentContext, TrackedContext } from './context.ts'
import { messagesOf, settingsOf, warningsOf } from './prompt.ts'
import { strict } from './strict.ts'

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

/**
 * An agent with tools as a language model: it runs the AI SDK's tool loop and lets out the text of the answer, as it comes.
 * Tool calls and their results stay inside; usage is summed over all steps; the report says `servedBy: 'llm:<model>'`.
 * The caller's conversation, system text and sampling settings are passed on, the caller's tools are not (with a warning).
 *
 * Nothing is retried here: guard the model and the tools' clients with integrations. Whatever goes wrong in any step ends
 * the stream with an error, never with a clean finish: an error part, a stream cut short, a finish with reason `error`, the
 * timeout (`AGENT_TIMEOUT`), or no text after the last step (`EMPTY_ANSWER`). A tool that throws is reported to the model.
 */
export function agentModel(options: AgentModelOptions): LanguageModelV4 {
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'holdfast.agent',
    modelId: options.name,
    supportedUrls: {},
    async doGenerate(call) {
      const { stream } = await model.doStream(call)
      const parts: LanguageModelV4StreamPart[] = []
      for await (const part of stream) parts.push(part)
      const finish = parts.at(-1)
      if (finish?.type !== 'finish') throw incompleteAnswer()
      return collect(parts, finish)
    },
    async doStream(call) {
      call.abortSignal?.throwIfAborted()
      return answer(options, call)
    },
  }
  return Object.freeze(model)
}

function answer(options: AgentModelOptions, call: LanguageModelV4CallOptions): LanguageModelV4StreamResult {
  const tracked = contextOf(call)
  const { context } = tracked
  const stopper = new Stopper(options, call.abortSignal)
  const maxSteps = options.maxSteps ?? AGENT_DEFAULTS.maxSteps
  const tools = typeof options.tools === 'function' ? options.tools(context) : options.tools
  const instructions = typeof options.instructions === 'function' ? options.instructions(context) : options.instructions
  const { stream } = streamText({
    ...settingsOf(call),
    model: strict(options.model),
    instructions,
    messages: messagesOf(call.prompt),
    // The conversation comes from our own caller, whose system text is as good as ours.
    allowSystemInMessages: true,
    tools,
    stopWhen: isStepCount(maxSteps),
    prepareStep: ({ stepNumber }) => (stepNumber === maxSteps - 1 ? { toolChoice: 'none' as const } : undefined),
    maxRetries: 0,
    abortSignal: stopper.signal,
    ...(call.providerOptions === undefined ? {} : { providerOptions: call.providerOptions }),
    // The default prints to the console; errors are in the stream, where they are handled.
    onError: () => undefined,
  })
  const source = new AgentAnswer(options, call, tracked, stopper, stream[Symbol.asyncIterator]())
  return {
    stream: new ReadableStream(source, { highWaterMark: 0 }),
    response: { headers: reportHeaders({ servedBy: `llm:${options.model.modelId}` }) },
  }
}

/** Ends the loop on the caller's abort, on the timeout, and when the reader leaves. */
class Stopper {
  readonly #controller: AbortController = new AbortController()
  readonly #release: () => void

  constructor(options: AgentModelOptions, caller: AbortSignal | undefined) {
    const onAbort = (): void => this.stop(caller?.reason)
    caller?.addEventListener('abort', onAbort)
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : (options.clock ?? systemClock).schedule(options.timeoutMs, () => this.stop(agentTimeout(options)))
    this.#release = () => {
      caller?.removeEventListener('abort', onAbort)
      timer?.cancel()
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  stop(reason: unknown): void {
    this.release()
    this.#controller.abort(reason)
  }

  release(): void {
    this.#release()
  }
}

class AgentAnswer implements UnderlyingDefaultSource<LanguageModelV4StreamPart> {
  readonly #options: AgentModelOptions
  readonly #call: LanguageModelV4CallOptions
  readonly #tracked: TrackedContext
  readonly #stopper: Stopper
  readonly #source: AsyncIterator<TextStreamPart<ToolSet>>
  readonly #preambleChars: number
  #begun: boolean = false
  #open: boolean = false
  /** Text of this step that may still turn out to be a preamble. */
  #kept: string = ''
  #passing: boolean = false
  #spoken: boolean = false
  #servedBy: string
  #metadata: Extract<LanguageModelV4StreamPart, { type: 'response-metadata' }> | undefined

  constructor(
    options: AgentModelOptions,
    call: LanguageModelV4CallOptions,
    tracked: TrackedContext,
    stopper: Stopper,
    source: AsyncIterator<TextStreamPart<ToolSet>>,
  ) {
    this.#options = options
    this.#call = call
    this.#tracked = tracked
    this.#stopper = stopper
    this.#source = source
    this.#preambleChars = options.preambleChars ?? AGENT_DEFAULTS.preambleChars
    this.#servedBy = `llm:${options.model.modelId}`
  }

  async pull(controller: ReadableStreamDefaultController<LanguageModelV4StreamPart>): Promise<void> {
    if (!this.#begun) {
      this.#begun = true
      controller.enqueue({ type: 'stream-start', warnings: warningsOf(this.#call) })
      return
    }
    try {
      for (;;) {
        const { done, value } = await this.#source.next()
        if (done === true) throw incompleteAnswer()
        const parts = this.#translate(value)
        for (const part of parts) controller.enqueue(part)
        if (value.type === 'finish') {
          this.#stopper.release()
          controller.close()
        }
        if (parts.length > 0) return
      }
    } catch (error) {
      // Once our own signal has spoken, whatever comes out of the loop is only its echo.
      const { signal } = this.#stopper
      const cause: unknown = signal.aborted ? signal.reason : error
      if (!signal.aborted) this.#stopper.stop(error)
      throw this.#call.abortSignal?.aborted === true ? cause : this.#failure(cause)
    }
  }

  cancel(reason: unknown): void {
    this.#stopper.stop(reason)
  }

  /** What the reader gets for one part of the loop. @throws when the part says that the answer failed. */
  #translate(part: TextStreamPart<ToolSet>): LanguageModelV4StreamPart[] {
    switch (part.type) {
      case 'text-delta':
        return this.#say(part.text)
      case 'tool-call':
        // What was said before it was not the answer.
        this.#kept = ''
        return []
      case 'start-step':
        this.#kept = ''
        this.#passing = false
        return []
      case 'finish-step':
        this.#servedBy = reportOf(part.providerMetadata as never)?.servedBy ?? this.#servedBy
        return part.finishReason === 'tool-calls' ? [] : this.#letOut()
      case 'finish':
        return this.#end(part)
      case 'error':
        throw part.error
      case 'abort':
        throw incompleteAnswer()
      default:
        return []
    }
  }

  #say(text: string): LanguageModelV4StreamPart[] {
    this.#kept += text
    return this.#passing || this.#kept.length > this.#preambleChars ? this.#letOut() : []
  }

  #letOut(): LanguageModelV4StreamPart[] {
    if (this.#kept === '') return []
    // Text of an earlier step that had grown too long to keep back is a paragraph of its own.
    const separator = this.#spoken && !this.#passing ? '\n\n' : ''
    const parts: LanguageModelV4StreamPart[] = this.#open ? [] : [{ type: 'text-start', id: 'answer' }]
    parts.push({ type: 'text-delta', id: 'answer', delta: separator + this.#kept })
    this.#open = true
    this.#passing = true
    this.#spoken ||= this.#kept.trim() !== ''
    this.#kept = ''
    return parts
  }

  #end(part: Extract<TextStreamPart<ToolSet>, { type: 'finish' }>): LanguageModelV4StreamPart[] {
    if (!this.#spoken) throw emptyAnswer()
    // A loop that ran out of steps after some text has said what it could.
    const unified = part.finishReason === 'tool-calls' ? 'length' : part.finishReason
    return [
      { type: 'text-end', id: 'answer' },
      {
        type: 'finish',
        finishReason: { unified: unified as LanguageModelV4FinishReason['unified'], raw: part.rawFinishReason },
        usage: usageOf(part.totalUsage),
        providerMetadata: reportMetadata({
          servedBy: this.#servedBy,
          ...(this.#tracked.tookEffect() ? { rememberable: false } : {}),
        }),
      },
    ]
  }

  /** A model call changes nothing at the other end; only tools do. */
  #failure(cause: unknown): HoldfastError {
    const error = toHoldfastError(cause)
    const { code, category, message, retryable, retryAfterMs, status, integration } = error
    return new HoldfastError({
      code,
      category,
      message,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(status === undefined ? {} : { status }),
      ...(integration === undefined ? {} : { integration }),
      mayHaveTakenEffect: this.#tracked.tookEffect(),
      cause: error,
    })
  }
}

function usageOf(usage: LanguageModelUsage): LanguageModelV4Usage {
  const { inputTokenDetails: input, outputTokenDetails: output } = usage
  return {
    inputTokens: {
      total: usage.inputTokens,
      noCache: input.noCacheTokens,
      cacheRead: input.cacheReadTokens,
      cacheWrite: input.cacheWriteTokens,
    },
    outputTokens: { total: usage.outputTokens, text: output.textTokens, reasoning: output.reasoningTokens },
  }
}

function agentTimeout({ name, timeoutMs }: AgentModelOptions): HoldfastError {
  return new HoldfastError({
    code: 'AGENT_TIMEOUT',
    category: 'timeout',
    message: `Agent "${name}" did not finish within ${timeoutMs} ms.`,
    retryable: true,
  })
}
