import type { LanguageModelV4StreamPart, LanguageModelV4StreamResult } from '@ai-sdk/provider'
import { HoldfastError, overtaken, toHoldfastError } from '@holdfast/core'
import type { ScheduledTask } from '@holdfast/core'
import { answerTooLarge, emptyAnswer, incompleteAnswer, partFailure, tierTimeout } from '../errors/failures.ts'
import { isOutput, isToolPart, sizeOf } from '../stream-parts/output.ts'
import type { LogEntry } from './attempt-log.ts'
import type { PlannedTier } from './plan.ts'
import type { AnswerRequest } from './answer-request.ts'
import type { Slice } from './slice.ts'

export type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>

/** Who is told how an attempt goes. At most one of `committed` and `failed` is called, and none after `stop`. */
export interface AttemptListener {
  /** It has produced output; it may still hold it back. */
  began(attempt: Attempt): void
  /** Its answer may become the answer. */
  committed(attempt: Attempt): void
  failed(attempt: Attempt, error: HoldfastError): void
}

/** How long a stream that has said all may take to close by itself before it is cancelled, in ms. */
const CLOSING_MS = 1_000

/** One tier at work on one request. Holds back what it says until the commit; after that its parts are pulled one by one. */
export class Attempt {
  readonly tier: PlannedTier
  readonly entry: LogEntry
  /** What came before the commit, without the finish. */
  readonly held: LanguageModelV4StreamPart[] = []
  result: Pick<LanguageModelV4StreamResult, 'request' | 'response'> = {}
  /** Set once the answer is whole. */
  finish: Finish | undefined
  /** Since its start, in ms; unset until it has produced output. */
  firstOutputMs: number | undefined
  /** Whether it has been slow for so long that another tier may start beside it. */
  hedgeDue: boolean = false
  readonly #request: AnswerRequest
  readonly #controller: AbortController = new AbortController()
  readonly #listener: AttemptListener
  #reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined
  #timers: ScheduledTask[] = []
  #heldBytes: number = 0
  #stopped: boolean = false

  constructor(request: AnswerRequest, tier: PlannedTier, entry: LogEntry, listener: AttemptListener) {
    this.#request = request
    this.tier = tier
    this.entry = entry
    this.#listener = listener
  }

  /** Asks the tier, and reads up to the commit. Never rejects. */
  async run(slice: Slice): Promise<void> {
    const options = this.#request.optionsFor(this.entry, this.#controller.signal)
    this.after(slice.ms, () => {
      // A tier that had all its time and said nothing was slow, which its circuit breaker must learn.
      this.#fail(tierTimeout(this.tier.name, slice.ms), slice.cut ? undefined : overtaken(slice.ms))
    })
    const commitsEarly = this.tier.commit === 'first-output' && !this.#request.whole
    try {
      const { stream, ...result } = await this.tier.model.doStream(options)
      if (this.#stopped) {
        quietly(stream.cancel(this.#controller.signal.reason))
        return
      }
      this.result = result
      this.#reader = stream.getReader()
      for (;;) {
        const part = await this.next()
        if (this.#stopped) return
        if (part.type === 'finish') break
        if (part.type === 'ping') continue
        this.hold(part)
        this.held.push(part)
        if (commitsEarly && isOutput(part) && !isToolPart(part)) break
      }
      this.#clearTimers()
      this.#listener.committed(this)
    } catch (error) {
      this.#fail(error)
    }
  }

  /**
   * The next part. Never an `error` part, and never anything after `finish`.
   * @throws whatever ended the answer before its time; an answer without output counts as a failure.
   */
  async next(): Promise<LanguageModelV4StreamPart> {
    const { done, value } = await this.#reader!.read()
    if (done) throw incompleteAnswer()
    const failure = partFailure(value)
    if (failure !== undefined) throw failure
    if (value.type === 'finish') {
      if (this.firstOutputMs === undefined) throw emptyAnswer()
      this.finish = value
      this.#letClose()
    } else if (this.firstOutputMs === undefined && isOutput(value) && !this.#stopped) {
      this.firstOutputMs = this.#request.elapsedMs() - this.entry.startMs
      this.#listener.began(this)
    }
    return value
  }

  /** Counts a part that is kept back. @throws HoldfastError ANSWER_TOO_LARGE. */
  hold(part: LanguageModelV4StreamPart): void {
    this.#heldBytes += sizeOf(part)
    const { maxHeldBytes } = this.#request.plan
    if (this.#heldBytes > maxHeldBytes) throw answerTooLarge(maxHeldBytes)
  }

  /** Runs `callback` after `ms`, unless the attempt has committed or ended by then. */
  after(ms: number, callback: () => void): void {
    this.#timers.push(this.#request.plan.clock.schedule(ms, callback))
  }

  /** Ends it at once, whatever it is doing. One that is whole already has nothing to end. */
  stop(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#clearTimers()
    if (this.finish !== undefined) return
    this.#controller.abort(reason)
    if (this.#reader !== undefined) quietly(this.#reader.cancel(reason))
  }

  #fail(cause: unknown, reason: unknown = cause): void {
    if (this.#stopped) return
    this.stop(reason)
    this.#listener.failed(this, toHoldfastError(cause))
  }

  #clearTimers(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
  }

  /** Reads the stream to its close, so that its source ends well rather than cancelled; but does not wait for ever. */
  #letClose(): void {
    const reader = this.#reader!
    const timer = this.#request.plan.clock.schedule(CLOSING_MS, () => quietly(reader.cancel()))
    const end = (): void => timer.cancel()
    reader.read().then(({ done }) => {
      end()
      if (!done) quietly(reader.cancel())
    }, end)
  }
}

function quietly(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
