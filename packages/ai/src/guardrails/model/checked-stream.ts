import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { noUsage } from '../../stream-parts/text-answer.ts'
import { isOutput } from '../../stream-parts/output.ts'
import { checkFinish, checkToolInput } from './checked-answer.ts'
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

interface OpenBlock {
  readonly type: 'text-delta' | 'reasoning-delta'
  readonly id: string
  readonly checked: CheckedText
}

class CheckedStream implements UnderlyingDefaultSource<Part> {
  readonly #reader: ReadableStreamDefaultReader<Part>
  readonly #check: OutputCheck
  readonly #decisions: Decisions
  /** Texts that have begun, and inputs of tools, by what they are and their id. */
  readonly #blocks: Map<string, OpenBlock> = new Map()
  readonly #inputs: Map<string, CheckedText> = new Map()
  #spoken: boolean = false

  constructor(stream: ReadableStream<Part>, check: OutputCheck, decisions: Decisions) {
    this.#reader = stream.getReader()
    this.#check = check
    this.#decisions = decisions
  }

  async pull(controller: Controller): Promise<void> {
    for (;;) {
      const { done, value } = await this.#next()
      if (done) {
        controller.close()
        return
      }
      try {
        if (this.#pass(value, controller)) return
      } catch (error) {
        this.#break(error, controller)
        quietly(this.#reader.cancel(error))
        return
      }
    }
  }

  async #next(): Promise<ReadableStreamReadResult<Part>> {
    try {
      const result = await this.#reader.read()
      if (result.done) this.#decisions.end()
      return result
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
  #pass(part: Part, controller: Controller): boolean {
    this.#spoken ||= isOutput(part)
    switch (part.type) {
      case 'text-delta':
        return this.#passDelta(part, controller)
      case 'text-end':
        this.#flush(`text-delta ${part.id}`, controller)
        break
      case 'reasoning-start':
        if (this.#check.reasoning === 'drop') return false
        break
      case 'reasoning-delta':
        if (this.#check.reasoning === 'drop') return false
        if (this.#check.reasoning === 'check') return this.#passDelta(part, controller)
        break
      case 'reasoning-end':
        if (this.#check.reasoning === 'drop') return false
        this.#flush(`reasoning-delta ${part.id}`, controller)
        break
      case 'tool-input-delta':
        if (this.#check.toolInputs) this.#inputOf(part.id).push(part.delta)
        break
      case 'tool-call':
        if (this.#check.toolInputs) {
          this.#inputs.delete(part.toolCallId)
          checkToolInput(part.input, this.#check, this.#decisions)
        }
        break
      case 'finish':
        for (const key of this.#blocks.keys()) this.#flush(key, controller)
        checkFinish(this.#spoken, part.finishReason.unified, this.#check, this.#decisions)
        this.#decisions.end()
        break
      case 'error':
        // What was kept back of an answer that has failed is not shown any more.
        this.#blocks.clear()
        break
      default:
        break
    }
    controller.enqueue(part)
    return true
  }

  #passDelta(part: Extract<Part, { type: 'text-delta' | 'reasoning-delta' }>, controller: Controller): boolean {
    const { type, id, delta } = part
    const key = `${type} ${id}`
    let block = this.#blocks.get(key)
    if (block === undefined) {
      const checked = type === 'text-delta' ? this.#check.text(this.#decisions) : this.#check.thought(this.#decisions)
      block = { type, id, checked }
      this.#blocks.set(key, block)
    }
    const out = block.checked.push(delta)
    // What a provider adds to a part goes out with it, even if its words are kept back.
    if (out === '' && part.providerMetadata === undefined) return false
    controller.enqueue(out === delta ? part : { ...part, delta: out })
    return true
  }

  #flush(key: string, controller: Controller): void {
    const block = this.#blocks.get(key)
    if (block === undefined) return
    this.#blocks.delete(key)
    const rest = block.checked.flush()
    if (rest !== '') controller.enqueue({ type: block.type, id: block.id, delta: rest })
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
