import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { noUsage } from '../../stream-parts/text-answer.ts'
import { isOutput } from '../../stream-parts/output.ts'
import { checkFinish, checkToolInput } from './checked-answer.ts'
import { CheckedBlocks } from './checked-blocks.ts'
import type { Decisions } from './decisions.ts'
import type { CheckedText, OutputCheck } from './output.ts'

type Part = LanguageModelV4StreamPart
type Controller = ReadableStreamDefaultController<Part>

/**
 * An answer that is checked as it is read, part by part, at the reader's pace. When a rule blocks it, it ends with an `error` part and a finish with
 * reason `error`, and the model's stream is cancelled.
 */
export function checkedStream(
  stream: ReadableStream<Part>,
  check: OutputCheck,
  decisions: Decisions,
): ReadableStream<Part> {
  return new ReadableStream(new CheckedStream(stream, check, decisions), { highWaterMark: 0 })
}

class CheckedStream implements UnderlyingDefaultSource<Part> {
  readonly #reader: ReadableStreamDefaultReader<Part>
  readonly #check: OutputCheck
  readonly #decisions: Decisions
  /**
   * All that is said, and all that is thought, whatever blocks it comes in. What is kept back of a thought goes out before what is no thought, so that
   * no reader waits for its end until that of the answer.
   */
  #texts: CheckedBlocks | undefined
  #thoughts: CheckedBlocks | undefined
  /** Inputs of tools, by their id. */
  readonly #inputs: Map<string, CheckedText> = new Map()
  readonly #emit: (part: Part) => void
  #controller: Controller | undefined
  #emitted: boolean = false
  #spoken: boolean = false

  constructor(stream: ReadableStream<Part>, check: OutputCheck, decisions: Decisions) {
    this.#reader = stream.getReader()
    this.#check = check
    this.#decisions = decisions
    this.#emit = (part) => {
      this.#emitted = true
      this.#controller!.enqueue(part)
    }
  }

  start(controller: Controller): void {
    this.#controller = controller
  }

  async pull(controller: Controller): Promise<void> {
    for (;;) {
      const { done, value } = await this.#next()
      try {
        if (done) {
          this.#flush()
          this.#decisions.end()
          controller.close()
          return
        }
        if (this.#pass(value)) return
      } catch (error) {
        this.#break(error, controller)
        quietly(this.#reader.cancel(error))
        return
      }
    }
  }

  async #next(): Promise<ReadableStreamReadResult<Part>> {
    try {
      return await this.#reader.read()
    } catch (error) {
      this.#decisions.end()
      throw error
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#decisions.end()
    return this.#reader.cancel(reason)
  }

  /** Whether the reader got something. */
  #pass(part: Part): boolean {
    this.#spoken ||= isOutput(part)
    this.#emitted = false
    const { reasoning } = this.#check
    switch (part.type) {
      case 'text-start':
        this.#thoughts?.flush()
        this.#textsOf().start(part)
        break
      case 'text-delta':
        this.#thoughts?.flush()
        this.#textsOf().push(part)
        break
      case 'text-end':
        this.#textsOf().end(part)
        break
      case 'reasoning-start':
        if (reasoning === 'check') this.#thoughtsOf().start(part)
        else if (reasoning === 'allow') this.#emit(part)
        break
      case 'reasoning-delta':
        if (reasoning === 'check') this.#thoughtsOf().push(part)
        else if (reasoning === 'allow') this.#emit(part)
        break
      case 'reasoning-end':
        if (reasoning === 'check') this.#thoughtsOf().end(part)
        else if (reasoning === 'allow') this.#emit(part)
        break
      case 'tool-input-delta':
        if (this.#check.toolInputs) this.#inputOf(part.id).push(part.delta)
        this.#emit(part)
        break
      case 'tool-call':
        this.#thoughts?.flush()
        if (this.#check.toolInputs) {
          this.#inputs.delete(part.toolCallId)
          checkToolInput(part.input, this.#check, this.#decisions)
        }
        this.#emit(part)
        break
      case 'finish':
        this.#flush()
        checkFinish(this.#spoken, part.finishReason.unified, this.#check, this.#decisions)
        this.#decisions.end()
        this.#emit(part)
        break
      case 'error':
        // What was kept back of an answer that has failed is not shown any more.
        this.#thoughts?.drop()
        this.#texts?.drop()
        this.#texts = this.#thoughts = undefined
        this.#emit(part)
        break
      default:
        this.#emit(part)
    }
    return this.#emitted
  }

  #flush(): void {
    this.#thoughts?.flush()
    this.#texts?.flush()
  }

  #textsOf(): CheckedBlocks {
    return (this.#texts ??= new CheckedBlocks('text-delta', () => this.#check.text(this.#decisions), this.#emit))
  }

  #thoughtsOf(): CheckedBlocks {
    return (this.#thoughts ??= new CheckedBlocks(
      'reasoning-delta',
      () => this.#check.thought(this.#decisions),
      this.#emit,
    ))
  }

  #inputOf(id: string): CheckedText {
    const known = this.#inputs.get(id)
    if (known !== undefined) return known
    const checked = this.#check.toolInput(this.#decisions)
    this.#inputs.set(id, checked)
    return checked
  }

  #break(error: unknown, controller: Controller): void {
    controller.enqueue({ type: 'error', error })
    controller.enqueue({ type: 'finish', finishReason: { unified: 'error', raw: undefined }, usage: noUsage() })
    controller.close()
  }
}

function quietly(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
