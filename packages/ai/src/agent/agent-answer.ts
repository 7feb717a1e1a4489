import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { LanguageModelUsage, TextStreamPart, ToolSet } from 'ai'
import { emptyAnswer, incompleteAnswer } from '../errors/failures.ts'
import { reportMetadata, reportOf } from '../provenance/report.ts'
import type { TrackedContext } from './context.ts'
import { AGENT_DEFAULTS } from './options.ts'
import type { AgentModelOptions } from './options.ts'
import { warningsOf } from './prompt.ts'
import type { Stopper } from './stopper.ts'
import type { ToolWatch } from './tool-watch.ts'

/** What comes out of an agent: the text of the loop, and its failures. */
export class AgentAnswer implements UnderlyingDefaultSource<LanguageModelV4StreamPart> {
  readonly #call: LanguageModelV4CallOptions
  readonly #tracked: TrackedContext
  readonly #stopper: Stopper
  readonly #watch: ToolWatch
  readonly #source: AsyncIterator<TextStreamPart<ToolSet>>
  readonly #preambleChars: number
  #begun: boolean = false
  #open: boolean = false
  /** Text of this step that may still turn out to be a preamble. */
  #kept: string = ''
  #passing: boolean = false
  #spoken: boolean = false
  #toolFailed: boolean = false
  #servedBy: string
  #closed: boolean = false

  constructor(
    options: AgentModelOptions,
    call: LanguageModelV4CallOptions,
    tracked: TrackedContext,
    stopper: Stopper,
    watch: ToolWatch,
    source: AsyncIterator<TextStreamPart<ToolSet>>,
  ) {
    this.#call = call
    this.#tracked = tracked
    this.#stopper = stopper
    this.#watch = watch
    this.#source = source
    this.#preambleChars = options.preambleChars ?? AGENT_DEFAULTS.preambleChars
    this.#servedBy = servedByOf(options)
  }

  start(controller: ReadableStreamDefaultController<LanguageModelV4StreamPart>): void {
    this.#stopper.onStop((reason) => {
      if (this.#closed) return
      this.#closed = true
      controller.error(this.#call.abortSignal?.aborted === true ? reason : this.#failure(reason))
    })
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
        if (this.#closed) return
        if (done === true) throw incompleteAnswer()
        const parts = this.#translate(value)
        for (const part of parts) controller.enqueue(part)
        if (value.type === 'finish') {
          this.#closed = true
          this.#stopper.release()
          controller.close()
        }
        if (parts.length > 0) return
      }
    } catch (error) {
      this.#stopper.stop(error)
    }
  }

  cancel(reason: unknown): void {
    this.#closed = true
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
      case 'tool-error':
        this.#toolFailed = true
        return []
      case 'start-step':
        this.#kept = ''
        this.#passing = false
        return []
      case 'finish-step':
        if (this.#watch.failure !== undefined) throw this.#watch.failure
        this.#servedBy = reportOf(part.providerMetadata)?.servedBy ?? this.#servedBy
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
        finishReason: { unified, raw: part.rawFinishReason },
        usage: usageOf(part.totalUsage),
        providerMetadata: reportMetadata({
          servedBy: this.#servedBy,
          ...(this.#toolFailed || this.#tracked.tookEffect() ? { rememberable: false } : {}),
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

/** Who speaks, as far as it is known before the answer. */
export function servedByOf(options: AgentModelOptions): string {
  return `llm:${options.model.modelId}`
}
