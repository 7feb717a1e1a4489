import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { answerStalled } from '../errors/failures.ts'
import { isOutput, isToolPart } from '../stream-parts/output.ts'
import { noUsage } from '../stream-parts/text-answer.ts'
import type { Attempt } from './attempt.ts'
import type { AnswerRequest } from './answer-request.ts'
import type { Serving } from './serving.ts'
import { SilenceWatch } from './silence.ts'

type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>

/**
 * The stream a reader gets from an attempt that has committed: exactly one `stream-start`, what was held back, then part
 * by part what the tier still says, as the reader pulls. Tool parts wait for the finish, so that no tool of an answer that
 * breaks off is ever run. A failure becomes one `error` part and a finish with reason `error`.
 */
export function deliver(
  request: AnswerRequest,
  attempt: Attempt,
  serving: Serving,
): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream(new Delivery(request, attempt, serving), { highWaterMark: 0 })
}

class Delivery implements UnderlyingDefaultSource<LanguageModelV4StreamPart> {
  readonly #request: AnswerRequest
  readonly #attempt: Attempt
  readonly #serving: Serving
  readonly #toolParts: LanguageModelV4StreamPart[] = []
  #controller: Controller | undefined
  #begun: boolean = false
  #closed: boolean = false
  readonly #silence: SilenceWatch

  constructor(request: AnswerRequest, attempt: Attempt, serving: Serving) {
    this.#request = request
    this.#attempt = attempt
    this.#serving = serving
    const { clock, idleTimeoutMs } = request.plan
    this.#silence = new SilenceWatch(clock, idleTimeoutMs, () => this.#breakOff(answerStalled(idleTimeoutMs)))
  }

  start(controller: Controller): void {
    this.#controller = controller
    this.#request.onAbort((reason) => {
      this.#close()
      this.#attempt.stop(reason)
      controller.error(reason)
    })
  }

  async pull(controller: Controller): Promise<void> {
    if (!this.#begun) {
      this.#begun = true
      this.#begin(controller)
      return
    }
    try {
      for (;;) {
        this.#silence.wait()
        const part = await this.#attempt.next()
        if (this.#closed) return
        this.#silence.heard(isOutput(part))
        if (this.#pass(part, controller)) return
      }
    } catch (error) {
      this.#breakOff(error)
    }
  }

  cancel(reason: unknown): void {
    if (this.#closed) return
    this.#close()
    this.#attempt.stop(reason)
    this.#request.close()
    this.#request.report({ type: 'answer-abandoned', durationMs: this.#request.elapsedMs() })
  }

  #begin(controller: Controller): void {
    const { held, finish } = this.#attempt
    const start = held.find((part) => part.type === 'stream-start')
    controller.enqueue(start ?? { type: 'stream-start', warnings: [] })
    for (const part of held) {
      if (part.type === 'stream-start') continue
      // In a whole answer the tool calls may go out where they stood.
      if (finish === undefined && isToolPart(part)) this.#toolParts.push(part)
      else this.#emit(part, controller)
    }
    if (finish !== undefined) this.#pass(finish, controller)
  }

  /** Whether the reader got something. */
  #pass(part: LanguageModelV4StreamPart, controller: Controller): boolean {
    if (part.type === 'stream-start') return false
    if (part.type === 'finish') {
      for (const tool of this.#toolParts) this.#emit(tool, controller)
      this.#close()
      controller.enqueue(this.#serving.end(part))
      controller.close()
      return true
    }
    if (isToolPart(part)) {
      this.#attempt.hold(part)
      this.#toolParts.push(part)
      return false
    }
    this.#emit(part, controller)
    return true
  }

  #emit(part: LanguageModelV4StreamPart, controller: Controller): void {
    this.#serving.note(part)
    controller.enqueue(part)
  }

  #breakOff(cause: unknown): void {
    if (this.#closed) return
    this.#close()
    const error = this.#attempt.tier.failure(cause)
    this.#attempt.breakOff(error)
    const controller = this.#controller!
    controller.enqueue({ type: 'error', error })
    const finish = { type: 'finish', finishReason: { unified: 'error', raw: undefined }, usage: noUsage() } as const
    controller.enqueue(this.#serving.breakOff(error, finish))
    controller.close()
  }

  #close(): void {
    this.#closed = true
    this.#silence.stop()
  }
}
