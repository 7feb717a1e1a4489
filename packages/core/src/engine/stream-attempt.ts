import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Permit } from '../policy/admission.ts'
import { Attempt, type AttemptOwner, cancellation } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Parts } from './parts.ts'
import { NO_PERMIT } from './permits.ts'
import type { StreamRules } from './stream-rules.ts'

/** Chunks kept before the first output. A stream with more of them is handed over as it is, and can no longer be retried. */
const MOST_KEPT_CHUNKS = 64

/**
 * An attempt whose result is a stream. Up to the first output it is like any other attempt; then its stream is handed over
 * and it lives on, reading when the reader asks, until the stream's end.
 */
export class StreamAttempt<Chunk> extends Attempt<ReadableStream<Chunk>> {
  readonly #rules: StreamRules<Chunk>
  readonly #kept: Chunk[] = []
  #source: ReadableStreamDefaultReader<Chunk> | undefined
  #answered = false
  /** Set once the stream is handed over. */
  #sink: ReadableStreamDefaultController<Chunk> | undefined
  #firstOutputAt: number | undefined
  #sawEnd = false
  /** What is left of the idle time, which only runs while the reader waits for us. */
  #idleLeftMs = 0

  constructor(owner: AttemptOwner<ReadableStream<Chunk>>, permit: Permit, now: number, rules: StreamRules<Chunk>) {
    super(owner, permit, now)
    this.#rules = rules
  }

  protected override get answered(): boolean {
    return this.#answered
  }

  protected override get handedOver(): boolean {
    return this.#sink !== undefined
  }

  get #engine(): Engine {
    return this.call.engine
  }

  get #parts(): Parts {
    return this.call.parts
  }

  override begin(): void {
    let opening: ReadableStream<Chunk> | PromiseLike<ReadableStream<Chunk>>
    try {
      opening = this.perform()
    } catch (error) {
      this.fail(error)
      return
    }
    const opened = Promise.resolve(opening)
    // Once it is open, its work ends when it is cancelled.
    if (this.permit !== NO_PERMIT) this.work = opened
    opened.then(
      (stream) => this.#opened(stream),
      (error: unknown) => this.workFailed(error),
    )
  }

  override cancel(reason: unknown): void {
    if (this.ended) return
    const handedOver = this.#sink
    super.cancel(reason)
    this.#leaveSource(reason)
    if (handedOver === undefined) return
    handedOver.error(reason)
    this.#engine.callFailed(this.call, this.#engine.clock.now(), cancellation(reason, this.#engine.name))
  }

  override failWith(error: HoldfastError, aborts: boolean): void {
    if (this.ended) return
    const handedOver = this.#sink
    super.failWith(error, aborts)
    if (this.cancelled) return
    this.#leaveSource(error)
    if (handedOver === undefined) return
    handedOver.error(error)
    this.#engine.callFailed(this.call, this.#engine.clock.now(), error)
  }

  override timeoutError(): HoldfastError {
    if (this.#sink === undefined) return super.timeoutError()
    const { name } = this.#engine
    return new HoldfastError({
      code: 'IDLE_TIMEOUT',
      category: 'timeout',
      message: `${name} fell silent in its answer for ${Math.round(this.#parts.idleTimeoutMs)} ms`,
      retryable: true,
      integration: name,
      stack: false,
    })
  }

  #opened(stream: ReadableStream<Chunk> | null): void {
    this.work = undefined
    try {
      if (stream === null) throw this.#endedEarly()
      this.#source = stream.getReader()
      if (this.ended) {
        this.#leaveSource(this.context.signal.reason)
        return
      }
    } catch (error) {
      this.fail(error)
      return
    }
    this.#readPreamble(this.#source)
  }

  #readPreamble(source: ReadableStreamDefaultReader<Chunk>): void {
    source.read().then(
      (result) => {
        if (this.ended) return
        try {
          if (result.done) this.failWith(this.#endedEarly(), false)
          else if (this.#keep(result.value)) this.#handOver()
          else this.#readPreamble(source)
        } catch (error) {
          this.fail(error)
        }
      },
      (error: unknown) => this.fail(error),
    )
  }

  /** Keeps a chunk that comes before the hand-over. @returns whether it is time for that. */
  #keep(chunk: Chunk): boolean {
    const isOutput = this.#inspect(chunk)
    if (this.ended) return false
    this.#kept.push(chunk)
    return isOutput || this.#kept.length >= MOST_KEPT_CHUNKS
  }

  /** Reads what a chunk says about the stream; ends the attempt when it says failure. @returns whether it is output. */
  #inspect(chunk: Chunk): boolean {
    const failure = this.#rules.failure?.(chunk)
    if (failure !== undefined) {
      this.fail(failure)
      return false
    }
    if (this.#rules.isEnd?.(chunk) === true) this.#sawEnd = true
    if (!this.#rules.isOutput(chunk)) return false
    this.#firstOutputAt ??= this.#engine.clock.now()
    return true
  }

  #handOver(): void {
    this.#engine.deadlines.forget(this)
    this.#answer(this.#engine.clock.now())
    // Who hears that the limit has changed may abort the call.
    if (this.ended) return
    this.#idleLeftMs = this.#parts.idleTimeoutMs
    const stream = new ReadableStream<Chunk>(
      {
        start: (controller) => void (this.#sink = controller),
        pull: (controller) => this.#pull(controller),
        cancel: (reason: unknown) => this.#readerLeft(reason),
      },
      { highWaterMark: 0 },
    )
    // From here on a failure breaks the stream; the call itself has succeeded and cannot be tried again.
    this.owner.attemptDecides()
    this.owner.attemptSucceeded(this, stream)
  }

  /** From here on it takes as long as it takes. */
  #answer(now: number): void {
    const { breaker, goodput } = this.#parts
    this.#answered = true
    goodput?.leave('success', now - this.startedAt, now)
    breaker?.renew(this)
  }

  #pull(sink: ReadableStreamDefaultController<Chunk>): void | Promise<void> {
    if (this.#kept.length > 0) {
      sink.enqueue(this.#kept.shift() as Chunk)
      return
    }
    const source = this.#source
    if (source === undefined) return
    const askedAt = this.#engine.clock.now()
    if (this.#idleLeftMs !== Infinity) this.#engine.deadlines.watch(this, askedAt + this.#idleLeftMs)
    return source.read().then(
      (result) => {
        if (this.ended) return
        this.#engine.deadlines.forget(this)
        try {
          if (result.done) this.#sourceEnded(sink)
          else this.#pass(result.value, sink, askedAt)
        } catch (error) {
          this.fail(error)
        }
      },
      (error: unknown) => this.fail(error),
    )
  }

  #pass(chunk: Chunk, sink: ReadableStreamDefaultController<Chunk>, askedAt: number): void {
    const isOutput = this.#inspect(chunk)
    if (this.ended) return
    const { breaker, idleTimeoutMs } = this.#parts
    if (isOutput) breaker?.renew(this)
    this.#idleLeftMs = isOutput ? idleTimeoutMs : this.#idleLeftMs - (this.#engine.clock.now() - askedAt)
    sink.enqueue(chunk)
  }

  #sourceEnded(sink: ReadableStreamDefaultController<Chunk>): void {
    if (this.#firstOutputAt === undefined || (this.#rules.isEnd !== undefined && !this.#sawEnd)) {
      this.failWith(this.#endedEarly(), false)
      return
    }
    this.#succeed(this.#firstOutputAt)
    sink.close()
  }

  #succeed(firstOutputAt: number): void {
    this.#engine.succeeded(this, this.end(), firstOutputAt - this.startedAt)
  }

  /** The reader cancelled the stream it was given. */
  #readerLeft(reason: unknown): Promise<void> | undefined {
    if (this.ended) return undefined
    // Before the signal aborts: an operation that heeds it would break its stream, and the cancellation would be lost.
    const left = this.#source?.cancel(reason).catch(() => undefined)
    // What cancels the source may abort the call.
    if (this.ended) return left
    if (this.#sawEnd && this.#firstOutputAt !== undefined) {
      // It had the whole answer and only did not wait for the stream to close.
      this.#succeed(this.#firstOutputAt)
    } else {
      super.cancel(reason)
      this.#engine.callFailed(this.call, this.#engine.clock.now(), cancellation(reason, this.#engine.name))
    }
    return left
  }

  #leaveSource(reason: unknown): void {
    this.abortContext(reason)
    this.#source?.cancel(reason).catch(() => undefined)
  }

  #endedEarly(): HoldfastError {
    const { name } = this.#engine
    const isCut =
      this.#rules.isEnd !== undefined && !this.#sawEnd && (this.#kept.length > 0 || this.#sink !== undefined)
    return new HoldfastError({
      code: isCut ? 'STREAM_INCOMPLETE' : 'EMPTY',
      category: 'malformed',
      message: isCut ? `${name} stopped in the middle of its answer` : `${name} sent an empty answer`,
      retryable: true,
      integration: name,
    })
  }
}
