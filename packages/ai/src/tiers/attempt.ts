import type {
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  SharedV4Warning,
} from '@ai-sdk/provider'
import { HoldfastError, overtaken } from '@holdfast/core'
import type { Integration, ScheduledTask } from '@holdfast/core'
import { enter } from '@holdfast/core/by-hand'
import type { Due, Entry, TimeLimited } from '@holdfast/core/by-hand'
import {
  answerTimedOut,
  answerTooLarge,
  contentFiltered,
  continuationUnsure,
  emptyAnswer,
  finishFailure,
  incompleteAnswer,
  isBlameless,
  isUndone,
  tierTimeout,
} from '../errors/failures.ts'
import { continueOptions } from '../failover/continue-prompt.ts'
import type { Fit, Joint } from '../failover/joint.ts'
import { tokensOf, usageTold } from '../failover/price.ts'
import type { AttemptUsage } from '../failover/price.ts'
import type { Review } from '../failover/structured/review.ts'
import type { ToolCalls } from '../failover/structured/tool-calls.ts'
import { isOutput, isToolPart, sizeOf } from '../stream-parts/output.ts'
import type { LogEntry } from './attempt-log.ts'
import { CommitRule } from './commit-rule.ts'
import type { MeteredAttempt, PlannedTier } from './plan.ts'
import type { AnswerRequest } from './answer-request.ts'
import { SilenceWatch } from './silence.ts'
import type { Slice } from './slice.ts'

export type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>

/** How long a stream that has said all may take to close by itself before it is cancelled, in ms. */
const CLOSING_MS = 1_000

/** What a read of a tier's stream has brought. */
export type Reading = ReadableStreamReadResult<LanguageModelV4StreamPart>

/** Who is told how an attempt goes. At most one of `committed` and `failed` is called, and none after `stop`. */
export interface AttemptListener {
  /** It has produced output; it may still hold it back. */
  began(attempt: Attempt): void
  /** Its answer may become the answer. */
  committed(attempt: Attempt): void
  failed(attempt: Attempt, error: HoldfastError): void
}

/** One tier at work on one request. Holds back what it says until the commit; after that its parts are pulled one by one. */
export class Attempt implements TimeLimited {
  /** When its time to the commit is over, and once it is whole the time for its stream to close. Monotonic, in ms. */
  dueAt: number = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly tier: PlannedTier
  readonly entry: LogEntry
  /** What came before the commit, without the finish. */
  held: LanguageModelV4StreamPart[] = []
  result: Pick<LanguageModelV4StreamResult, 'request' | 'response'> = {}
  /** Of an answer that goes on with another: what comes after the joint, as far as it had come. */
  rest: string = ''
  /** Set once the answer is whole. */
  finish: Finish | undefined
  /** When that was, since the request began, in ms. */
  finishMs: number = 0
  /** Since its start, in ms; unset until it has produced output. */
  firstOutputMs: number | undefined
  /** Whether it has been slow for so long that another tier may start beside it. */
  hedgeDue: boolean = false
  /** Whether it finds out if its tier works again. */
  isProbe: boolean = false
  /** Set when it ran out of its time after its commit. */
  cutOffBy: HoldfastError | undefined
  readonly #request: AnswerRequest
  readonly #listener: AttemptListener
  readonly #review: Review | undefined
  readonly #toolCalls: ToolCalls | undefined
  #guard: Entry | undefined
  #metered: MeteredAttempt | undefined
  #controller: AbortController | undefined
  #reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined
  /** What was asked for before the commit, and has not come yet. */
  #ahead: Promise<Reading> | undefined
  readonly #timers: ScheduledTask[] = []
  #slice: Slice | undefined
  #silence: SilenceWatch | undefined
  #heldBytes: number = 0
  #outputChars: number = 0
  /** Whether the model has been asked, and has not ended. */
  #isUnderWay: boolean = false
  /** What was changed about the request for this model. */
  #warnings: readonly SharedV4Warning[] = []
  /** Of the answer, as this model was asked for it. */
  #format: LanguageModelV4CallOptions['responseFormat']
  #stopped: boolean = false
  #isCommitted: boolean = false
  #stoppedWith: unknown

  constructor(request: AnswerRequest, tier: PlannedTier, entry: LogEntry, listener: AttemptListener) {
    this.#request = request
    this.tier = tier
    this.entry = entry
    this.#listener = listener
    this.#review = tier.reviewOf(request.options)
    this.#toolCalls = tier.toolCallsOf(request.options)
  }

  /** Asks the tier, and reads up to the commit. Never rejects. */
  async run(slice: Slice): Promise<void> {
    this.#slice = slice
    this.#request.plan.deadlines.watch(this, this.#request.startedAt + this.entry.startMs + slice.ms)
    try {
      // At once, so that nobody takes what was just seen to be there.
      this.#metered = this.tier.meter?.begin(this.#request)
      if (this.tier.guard !== undefined) {
        const entry = this.#enter(this.tier.guard)
        this.#guard = entry instanceof Promise ? await entry : entry
      }
      if (this.#stopped) {
        this.#guard?.abandon(this.#stoppedWith)
        return
      }
      this.#isUnderWay = true
      this.tier.load?.begin()
      const options = this.#options()
      this.#format = options.responseFormat
      this.#metered?.sent()
      const { model, whole } = this.tier
      const result = await (whole === undefined ? model.doStream(options) : whole.ask(options))
      this.#metered?.heard(result.response?.headers)
      if (this.#stopped) {
        quietly(result.stream.cancel(this.#stoppedWith))
        return
      }
      this.result = result
      this.#reader = result.stream.getReader()
      const { joint } = this.#request
      const rule = new CommitRule(
        this.#request.whole || joint !== undefined || this.#review !== undefined || this.#toolCalls?.isDemanded === true
          ? 'complete'
          : this.tier.commit,
      )
      for (let isEnough = false; !isEnough;) {
        const reading = this.read()
        const read = rule.timer === undefined ? await reading : await Promise.race([reading, rule.timer])
        if (this.#stopped) return
        if (read === 'due') {
          this.#ahead = reading
          // Whoever reads on hears of it.
          quietly(reading)
          isEnough = rule.isMet
        } else {
          const part = this.take(read)
          if (this.#stopped) return
          isEnough = joint === undefined ? this.#keep(part, rule) : this.#fits(part, joint)
        }
      }
      this.#isCommitted = true
      this.#endWaits()
      const { layers } = this.#request.plan
      if (layers?.hasNews === true) this.#warnings = [...this.#warnings, ...layers.tell()]
      if (this.#warnings.length > 0) this.#warn(this.#warnings)
      this.#listener.committed(this)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Asks the tier for its next part. What it brings is to be taken by {@link Attempt.take}: in two steps, so that a part costs no promise but the stream's own. */
  read(): Promise<Reading> {
    if (this.firstOutputMs !== undefined) this.#waits()
    const ahead = this.#ahead
    if (ahead === undefined) return this.#reader!.read()
    this.#ahead = undefined
    return ahead
  }

  /**
   * The part that was read. Never an `error` part, and never anything after `finish`.
   * @throws whatever ended the answer before its time; an answer without output counts as a failure.
   */
  take({ done, value }: Reading): LanguageModelV4StreamPart {
    if (done) throw incompleteAnswer()
    if (value.type === 'error') throw value.error
    const output = isOutput(value)
    this.#silence?.heard(output ? charsOf(value) : undefined)
    if (value.type === 'finish') {
      if (this.tier.about !== undefined) this.entry.usage = usageTold(value.usage) ?? this.#estimate(undefined)
      const failure = this.#finishFailure(value)
      if (failure !== undefined) throw failure
      this.#toolCalls?.see(value)
      if (this.#review !== undefined && value.finishReason.unified !== 'content-filter') {
        this.held = this.#review(this.held)
      }
      this.finish = value
      const { plan, startedAt } = this.#request
      const now = plan.clock.now()
      this.finishMs = now - startedAt
      this.#guard?.succeed(this.firstOutputMs, this.#told(now))
      this.#leaveLoad(this.firstOutputMs, now)
      this.#metered?.end(this.entry.usage)
      this.#endWaits()
      this.#letClose(now)
    } else if (output && !this.#stopped) {
      if (value.type === 'tool-call') {
        if (value.providerExecuted === true) this.#noteToolRun()
        this.#toolCalls?.see(value)
      }
      if ('delta' in value) this.#outputChars += value.delta.length
      if (this.firstOutputMs === undefined) this.#begin()
      this.#guard?.renew()
    } else if (value.type === 'stream-start') {
      if (value.warnings.length > 0) this.tier.heed(value.warnings, this.#format)
    } else if (value.type === 'tool-input-start') {
      this.#toolCalls?.see(value)
    } else if (value.type === 'tool-result') {
      this.#noteToolRun()
    }
    return value
  }

  /** What comes with its call or its result, the provider has run. */
  #noteToolRun(): void {
    const { options } = this.#request
    if (!this.tier.isSafeToRepeat(options, true)) this.#request.toolHasRun = true
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

  /** Ends it at once, whatever it is doing, because nobody wants it any more. One that is whole already has nothing to end. */
  stop(reason: unknown): void {
    if (this.#end(reason, this.firstOutputMs)) this.#guard?.abandon(reason)
  }

  /** Ends it because it has failed, after its commit. */
  breakOff(error: HoldfastError): void {
    if (this.#end(error, isBlameless(error) ? this.firstOutputMs : Infinity)) this.#guard?.fail(error)
  }

  #fail(cause: unknown): void {
    if (this.#stopped) return
    const error = this.tier.failure(cause)
    this.#metered?.failed(cause, error)
    this.breakOff(error)
    this.#listener.failed(this, error)
  }

  /** It has used up its time, of which `cut` says that it was less than it should have. */
  expire(): void {
    if (this.finish !== undefined) {
      quietly(this.#reader!.cancel())
      return
    }
    if (this.#stopped) return
    if (this.#isCommitted) {
      this.#expireAnswer()
      return
    }
    const { ms, cut } = this.#slice!
    const error = tierTimeout(this.tier.name, ms)
    // A tier that had all its time and said nothing was slow, which its circuit breaker must learn.
    const reason = cut ? error : overtaken(ms)
    if (this.#end(reason, ms)) this.#guard?.abandon(reason)
    this.#listener.failed(this, error)
  }

  /** The time to the commit is over; now the whole answer's time counts. */
  #expireAnswer(): void {
    const { plan, startedAt } = this.#request
    const endAt = startedAt + this.entry.startMs + plan.answerTimeoutMs
    if (endAt === Infinity) return
    if (plan.clock.now() < endAt) plan.deadlines.watch(this, endAt)
    else this.#cutOff(answerTimedOut(plan.answerTimeoutMs))
  }

  /** Its time is up. After the commit whoever reads on hears of it; where nobody waits for it, it was not the model that was slow. */
  #cutOff(error: HoldfastError): void {
    if (!this.#isCommitted) {
      this.#fail(error)
      return
    }
    this.cutOffBy = error
    if (this.#silence?.isWaiting === true) this.breakOff(error)
    else this.stop(error)
  }

  /** @param ms for its load. @returns whether there was anything to end. */
  #end(reason: unknown, ms: number | undefined): boolean {
    if (this.#stopped) return false
    this.#stopped = true
    this.#stoppedWith = reason
    if (this.finish !== undefined) return false
    this.#request.plan.deadlines.forget(this)
    this.#endWaits()
    if (this.#isUnderWay && this.tier.about !== undefined) this.entry.usage ??= this.#estimate(reason)
    this.#leaveLoad(ms, this.#request.plan.clock.now())
    this.#metered?.end(this.entry.usage)
    this.#controller?.abort(reason)
    if (this.#reader !== undefined) quietly(this.#reader.cancel(reason))
    return true
  }

  /** Reads its stream to the close, so that its source ends well rather than cancelled; but does not wait for ever. */
  #letClose(now: number): void {
    const { deadlines } = this.#request.plan
    deadlines.forget(this)
    deadlines.watch(this, now + CLOSING_MS)
    this.#reader!.read().then(
      ({ done }) => {
        deadlines.forget(this)
        if (!done) this.expire()
      },
      () => deadlines.forget(this),
    )
  }

  #finishFailure({ finishReason: { unified } }: Finish): HoldfastError | undefined {
    const { takesFiltered } = this.tier
    if (unified === 'content-filter' && takesFiltered !== undefined)
      return takesFiltered ? undefined : contentFiltered()
    return finishFailure(unified) ?? (this.firstOutputMs === undefined ? emptyAnswer() : undefined)
  }

  /** Its first output. */
  #begin(): void {
    const { plan, startedAt } = this.#request
    const now = plan.clock.now()
    this.firstOutputMs = now - startedAt - this.entry.startMs
    this.#guard?.answered(this.#told(now))
    this.#listener.began(this)
  }

  /** Tokens of an answer whose end never came. Nothing where the provider bills nothing. */
  #estimate(reason: unknown): AttemptUsage | undefined {
    if (isUndone(reason) && this.firstOutputMs === undefined) return undefined
    return { inputTokens: this.#request.inputTokens, outputTokens: tokensOf(this.#outputChars), estimated: true }
  }

  #enter(guard: Integration): Entry | Promise<Entry> {
    const { options, id, tenant, context } = this.#request
    return enter(guard, {
      signal: options.abortSignal,
      requestId: id,
      tenant,
      session: context.sessionId,
      onEnd: (reason) => this.#fail(reason),
      now: this.#told(this.#request.startedAt + this.entry.startMs),
    })
  }

  /** What a guard may be told of the time: nothing where it has another clock. */
  #told(now: number): number | undefined {
    return this.tier.sharesClock ? now : undefined
  }

  #options(): LanguageModelV4CallOptions {
    const { joint } = this.#request
    const signal = this.#guard?.context.signal ?? (this.#controller = new AbortController()).signal
    const asked = this.#request.optionsFor(this.entry, signal)
    const { call: options, warnings } = this.tier.prepare(
      joint === undefined ? asked : continueOptions(asked, joint, this.tier.prefills),
    )
    this.#warnings = warnings
    return options
  }

  #warn(warnings: readonly SharedV4Warning[]): void {
    const at = this.held.findIndex(({ type }) => type === 'stream-start')
    const start = this.held[at]
    const told = start?.type === 'stream-start' ? start.warnings : []
    this.held.splice(Math.max(at, 0), at < 0 ? 0 : 1, { type: 'stream-start', warnings: [...told, ...warnings] })
  }

  /** Waits for more output, but not for ever. */
  #waits(): void {
    this.#silence ??= new SilenceWatch(this.#request.plan, (error) => this.#cutOff(error))
    this.#silence.wait()
  }

  /** Holds a part back. @returns whether enough has come to commit. */
  #keep(part: LanguageModelV4StreamPart, rule: CommitRule): boolean {
    if (part.type === 'finish') return true
    if (part.type === 'ping') return false
    this.hold(part)
    this.held.push(part)
    if (!isOutput(part) || isToolPart(part)) return false
    if (rule.counts(part) && rule.ms !== undefined) this.after(rule.ms, () => rule.due())
    return rule.isMet
  }

  /** The same where it goes on with the answer of another. @returns whether it has come to the place where both have met. */
  #fits(part: LanguageModelV4StreamPart, joint: Joint): boolean {
    this.hold(part)
    const fit = fitOf(part, joint)
    if (fit === 'no') throw continuationUnsure()
    if (fit === 'more') return false
    this.rest = fit.rest
    return true
  }

  #leaveLoad(ms: number | undefined, now: number): void {
    if (this.#isUnderWay) this.tier.load?.end(ms, now)
    this.#isUnderWay = false
  }

  /** What was waited for before the commit. Its time limit goes on being watched, which costs less than to take it out for the time until it is whole. */
  #endWaits(): void {
    this.#silence?.stop()
    // Most have none, and even emptying an empty list takes its time.
    if (this.#timers.length === 0) return
    for (const timer of this.#timers) timer.cancel()
    this.#timers.length = 0
  }
}

/** What it thinks to itself is dropped; with anything but text it does not go on where the other one ended. */
function fitOf(part: LanguageModelV4StreamPart, joint: Joint): Fit {
  if (part.type === 'text-delta') return joint.push(part.delta)
  if (part.type === 'finish') return joint.end()
  return isToolPart(part) || part.type === 'file' ? 'no' : 'more'
}

/** How far a part that is output brings the answer; a call or a file is as much as can be asked for. */
function charsOf(part: LanguageModelV4StreamPart): number {
  return 'delta' in part ? part.delta.length : Infinity
}

function quietly(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
