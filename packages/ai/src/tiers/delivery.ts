import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { HoldfastError } from '@holdfast/core'
import { toolHasRun } from '../errors/failures.ts'
import { Joint } from '../failover/joint.ts'
import { isToolPart } from '../stream-parts/output.ts'
import { noUsage } from '../stream-parts/text-answer.ts'
import type { Attempt, Reading } from './attempt.ts'
import type { AnswerRequest } from './answer-request.ts'
import { Delivered } from './delivered.ts'
import { selectAnother } from './selection.ts'
import type { Serving } from './serving.ts'

type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>

/** How many parts may wait for the reader. With none, each part would cost a round of promises more. */
const READ_AHEAD = 1

/** What tells a reader that the answer begins anew. */
const RESTART_KIND = 'holdfast.restart'

/**
 * The stream a reader gets from an attempt that has committed: exactly one `stream-start`, what was held back, then part
 * by part what the tier still says, as the reader pulls. Tool parts wait for the finish, so that no tool of an answer that
 * breaks off is ever run. A failure becomes one `error` part and a finish with reason `error`, unless another tier takes the answer over.
 */
export function deliver(
  request: AnswerRequest,
  attempt: Attempt,
  serving: Serving,
): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream(new Delivery(request, attempt, serving), { highWaterMark: READ_AHEAD })
}

class Delivery implements UnderlyingDefaultSource<LanguageModelV4StreamPart> {
  readonly #request: AnswerRequest
  readonly #serving: Serving
  #attempt: Attempt
  #toolParts: LanguageModelV4StreamPart[] = []
  #controller: Controller | undefined
  #begun: boolean = false
  #closed: boolean = false
  /** Whether a part is waited for, or somebody who takes the answer over. */
  #isReading: boolean = false
  readonly #onRead = (read: Reading): void => this.#take(read)
  readonly #onFailure = (cause: unknown): void => void this.#fail(cause)
  /** Only where an answer may be taken over. */
  readonly #delivered: Delivered | undefined
  /** How often it was taken over. */
  #resumes: number = 0
  /** The text that the tier goes on with, while it does. */
  #joined: string | undefined
  /** The end of a text, which is said with what comes after it: some close a text that was cut off, and whoever goes on with it needs it open. */
  #textEnd: LanguageModelV4StreamPart | undefined

  constructor(request: AnswerRequest, attempt: Attempt, serving: Serving) {
    this.#request = request
    this.#attempt = attempt
    this.#serving = serving
    this.#delivered = request.plan.onMidStream === 'error' ? undefined : new Delivered()
  }

  start(controller: Controller): void {
    this.#controller = controller
    this.#heedAbort()
    // Not where that would be the end already: nobody has asked for it.
    if (this.#attempt.finish === undefined) this.#begin(controller)
  }

  /** Returns at once: what comes is enqueued when it comes. A promise here would cost each part another one. */
  pull(controller: Controller): void {
    if (!this.#begun) this.#begin(controller)
    this.#read()
  }

  /** Asks for the next part, unless it has been asked for. */
  #read(): void {
    if (this.#isReading || this.#closed) return
    this.#isReading = true
    this.#attempt.read().then(this.#onRead, this.#onFailure)
  }

  #take(read: Reading): void {
    if (this.#closed) return
    try {
      const part = this.#attempt.take(read)
      if (this.#closed) return
      this.#isReading = false
      this.#pass(part, this.#controller!)
    } catch (cause) {
      void this.#fail(cause)
      return
    }
    // It was kept back.
    if ((this.#controller!.desiredSize ?? 0) > 0) this.#read()
  }

  async #fail(cause: unknown): Promise<void> {
    if (this.#closed) return
    this.#isReading = true
    const error = this.#attempt.cutOffBy ?? this.#attempt.tier.failure(cause)
    this.#attempt.breakOff(error)
    if (!(await this.#resume(error, this.#controller!))) return
    this.#isReading = false
    if ((this.#controller!.desiredSize ?? 0) > 0) this.#read()
  }

  cancel(reason: unknown): void {
    if (this.#closed) return
    this.#close()
    this.#attempt.stop(reason)
    this.#request.giveUp(reason)
  }

  #heedAbort(): void {
    this.#request.onAbort((reason) => {
      if (this.#closed) return
      this.#close()
      this.#attempt.stop(reason)
      this.#controller?.error(reason)
    })
  }

  #begin(controller: Controller): void {
    this.#begun = true
    const { held } = this.#attempt
    const start = held.find((part) => part.type === 'stream-start')
    controller.enqueue(start ?? { type: 'stream-start', warnings: [] })
    this.#passHeld(controller)
  }

  #passHeld(controller: Controller): void {
    const { held, finish } = this.#attempt
    for (const part of held) {
      if (part.type === 'stream-start') continue
      // In a whole answer the tool calls may go out where they stood.
      if (finish === undefined && isToolPart(part)) this.#toolParts.push(part)
      else this.#emit(part, controller)
    }
    if (finish !== undefined) this.#pass(finish, controller)
  }

  #pass(part: LanguageModelV4StreamPart, controller: Controller): void {
    if (part.type === 'stream-start') return
    if (part.type === 'finish') {
      if (this.#joined !== undefined) this.#emit({ type: 'text-end', id: this.#joined }, controller, false)
      for (const tool of this.#toolParts) this.#emit(tool, controller)
      this.#endText(controller)
      this.#close()
      controller.enqueue(this.#serving.end(part))
      controller.close()
      return
    }
    if (isToolPart(part)) {
      this.#attempt.hold(part)
      this.#toolParts.push(part)
      return
    }
    this.#emit(part, controller)
  }

  #emit(part: LanguageModelV4StreamPart, controller: Controller, isOwn: boolean = true): void {
    const given = isOwn && this.#resumes > 0 ? this.#fitted(part) : part
    if (given === undefined) return
    this.#endText(controller)
    if (given.type === 'text-end' && this.#delivered !== undefined) this.#textEnd = given
    else this.#give(given, controller)
  }

  #endText(controller: Controller): void {
    const end = this.#textEnd
    if (end === undefined) return
    this.#textEnd = undefined
    this.#give(end, controller)
  }

  #give(part: LanguageModelV4StreamPart, controller: Controller): void {
    this.#serving.note(part)
    this.#delivered?.note(part)
    controller.enqueue(part)
  }

  /** A part of a tier that took the answer over, with names of blocks that are not those of the tier before; its text goes on with the open one. */
  #fitted(part: LanguageModelV4StreamPart): LanguageModelV4StreamPart | undefined {
    if (part.type === 'response-metadata') return undefined
    if (!('id' in part) || part.id === undefined) return part
    if (this.#joined !== undefined) {
      if (part.type === 'text-start' || part.type === 'text-end') return undefined
      if (part.type === 'text-delta') return { ...part, id: this.#joined }
    }
    return isToolPart(part) ? part : { ...part, id: `${this.#resumes}-${part.id}` }
  }

  /** Lets another tier take over an answer that has broken off, or ends it. @returns whether there is more to read. */
  async #resume(error: HoldfastError, controller: Controller): Promise<boolean> {
    const { plan, order, options } = this.#request
    const delivered = this.#delivered
    if (delivered !== undefined && this.#request.toolHasRun) {
      this.#breakOff(toolHasRun(error), controller)
      return false
    }
    for (const how of delivered === undefined || this.#resumes >= order.length ? [] : waysOf(plan.onMidStream)) {
      // Whoever was to go on may have run one.
      if (this.#request.toolHasRun) break
      if (how === 'continue' && !delivered?.canGoOn(options)) continue
      const attempt = await this.#another(error, how)
      if (this.#closed) return false
      if (attempt === undefined) continue
      this.#takeOver(attempt, how, controller)
      return !this.#closed
    }
    this.#breakOff(error, controller)
    return false
  }

  /** Finds a tier that takes the answer over: who was not asked yet, and after them the one that broke off, whose network may have been to blame. */
  async #another(error: HoldfastError, how: 'continue' | 'restart'): Promise<Attempt | undefined> {
    const request = this.#request
    const { tier, entry, firstOutputMs } = this.#attempt
    const nowMs = request.elapsedMs()
    request.log.failed(entry, nowMs, error, firstOutputMs)
    const { code, category } = error
    request.report({ type: 'tier-failed', tier: tier.name, code, category, durationMs: nowMs - entry.startMs })
    request.joint = how === 'continue' ? new Joint(this.#delivered!.text) : undefined
    try {
      return await selectAnother(request, [...request.left.filter((other) => other !== tier), tier])
    } catch (reason) {
      if (request.options.abortSignal?.aborted === true && !this.#closed) {
        this.#close()
        this.#controller?.error(reason)
      }
      return undefined
    } finally {
      request.joint = undefined
      if (!this.#closed) this.#heedAbort()
    }
  }

  #takeOver(attempt: Attempt, how: 'continue' | 'restart', controller: Controller): void {
    const delivered = this.#delivered!
    this.#attempt = attempt
    this.#textEnd = undefined
    this.#resumes += 1
    this.#toolParts = []
    this.#serving.resume(attempt, how)
    if (how === 'continue') {
      this.#joined = delivered.openText
      const { rest, finish } = attempt
      if (rest !== '') this.#emit({ type: 'text-delta', id: this.#joined!, delta: rest }, controller, false)
      if (finish !== undefined) this.#pass(finish, controller)
      return
    }
    this.#joined = undefined
    for (const end of delivered.forget()) controller.enqueue(end)
    controller.enqueue({ type: 'custom', kind: RESTART_KIND })
    this.#passHeld(controller)
  }

  #breakOff(error: HoldfastError, controller: Controller): void {
    this.#endText(controller)
    this.#close()
    controller.enqueue({ type: 'error', error })
    const finish = { type: 'finish', finishReason: { unified: 'error', raw: undefined }, usage: noUsage() } as const
    controller.enqueue(this.#serving.breakOff(error, finish))
    controller.close()
  }

  #close(): void {
    this.#closed = true
  }
}

function waysOf(onMidStream: string): readonly ('continue' | 'restart')[] {
  return (['continue', 'restart'] as const).filter((way) => onMidStream.includes(way))
}
