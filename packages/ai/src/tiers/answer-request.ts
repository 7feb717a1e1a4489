import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { ErrorCategory } from '@holdfast/core'
import type { Joint } from '../failover/joint.ts'
import { needsOf } from '../failover/request-size.ts'
import type { RequestNeeds } from '../failover/request-size.ts'
import type { AiEvent } from '../events/events.ts'
import { NOTHING_TOLD, requestContext } from '../provenance/request-context.ts'
import type { RequestContext } from '../provenance/request-context.ts'
import { headerValue } from '../provenance/report.ts'
import { AttemptLog } from './attempt-log.ts'
import type { LogEntry } from './attempt-log.ts'
import type { Plan, PlannedTier } from './plan.ts'
import type { Writable } from './writable.ts'

// Node looks this global up anew, through a getter, at each use.
const platformCrypto = crypto

type Reported = Extract<AiEvent, { assistant: string }>
type Fields<Event> = Event extends Reported ? Omit<Event, 'at' | 'assistant' | 'requestId' | 'tenant'> : never

/** Everything that belongs to one request: nothing of it is shared with another. */
export class AnswerRequest {
  readonly plan: Plan
  readonly options: LanguageModelV4CallOptions
  /** Whom to ask, in this order. */
  readonly order: readonly PlannedTier[] = []
  /** Who was not asked for the answer that is being given. */
  left: readonly PlannedTier[] = []
  /** Where the next answer has to go on, while one does. */
  joint: Joint | undefined = undefined
  readonly context: RequestContext
  readonly id: string
  readonly idHeader: string
  readonly tenant: string
  /** Whether nothing may be shown before an answer is whole (`doGenerate`). */
  readonly whole: boolean
  readonly log: AttemptLog = new AttemptLog()
  hedged: boolean = false
  /** Whether a provider has run a tool for it that must not run twice: nobody may be asked the same any more. */
  toolHasRun: boolean = false
  /** Whether the same has failed before, and a layer above asks again. */
  readonly isRepeated: boolean
  /** Monotonic, in ms. */
  readonly startedAt: number
  #needs: RequestNeeds | undefined
  #abort: ((reason: unknown) => void) | undefined
  readonly #onAbort = (): void => {
    this.giveUp(this.options.abortSignal?.reason)
  }

  /** @throws the caller's own reason when the signal is aborted already; HoldfastError when the plan lets nobody be asked. */
  constructor(plan: Plan, options: LanguageModelV4CallOptions, whole: boolean) {
    options.abortSignal?.throwIfAborted()
    this.plan = plan
    this.options = options
    this.whole = whole
    this.context = requestContext(options)
    const { requestId } = this.context
    this.id = requestId ?? platformCrypto.randomUUID()
    this.idHeader = requestId === undefined ? this.id : headerValue(requestId)
    this.tenant = this.context.tenant ?? 'default'
    this.startedAt = plan.clock.now()
    this.isRepeated = plan.layers?.isRepeated(options) === true
    options.abortSignal?.addEventListener('abort', this.#onAbort)
    this.report({ type: 'answer-started' })
    try {
      this.order = plan.order(options, () => this.needs)
    } catch (error) {
      this.reportFailed(plan.tiers[0]!.failure(error))
      this.close()
      throw error
    }
  }

  /** Since the request began, in ms. */
  elapsedMs(): number {
    return this.plan.clock.now() - this.startedAt
  }

  /** Tokens of the prompt, estimated. */
  get inputTokens(): number {
    return this.needs.inputTokens
  }

  get needs(): RequestNeeds {
    this.#needs ??= needsOf(this.options)
    return this.#needs
  }

  /** What to do when the caller gives up; replaces what was set before. */
  onAbort(abort: (reason: unknown) => void): void {
    this.#abort = abort
  }

  /** The reader has left. */
  giveUp(reason: unknown): void {
    const abort = this.#abort
    this.close()
    this.report({ type: 'answer-abandoned', durationMs: this.elapsedMs() })
    abort?.(reason)
  }

  /** Lets go of the caller's signal. The request has ended. */
  close(): void {
    this.#abort = undefined
    this.options.abortSignal?.removeEventListener('abort', this.#onAbort)
  }

  /** The options for one tier, with what was tried before it. */
  optionsFor(entry: LogEntry, abortSignal: AbortSignal): LanguageModelV4CallOptions {
    const { context: told, id: requestId } = this
    const context: Writable<RequestContext> = told === NOTHING_TOLD ? { requestId } : { ...told, requestId }
    const { priorAttempts = [] } = told
    // The entry itself is there.
    if (this.log.count > 1 || priorAttempts.length > 0) {
      context.priorAttempts = [...priorAttempts, ...this.log.list(this.elapsedMs(), entry)]
    }
    // The context is plain data, but its interface has no index signature, which JSONObject asks for.
    const holdfast = context as unknown as Record<string, string>
    const { providerOptions: own } = this.options
    return { ...this.options, abortSignal, providerOptions: own === undefined ? { holdfast } : { ...own, holdfast } }
  }

  report(event: Fields<AiEvent>): void {
    const events = this.plan.events
    if (events === undefined || !events.active) return
    const at = this.plan.clock.wallTime()
    // The union is too large for the compiler to tell that each member stays itself.
    events.emit({ ...event, at, assistant: this.plan.name, requestId: this.id, tenant: this.tenant })
  }

  reportFailed(error: { readonly code: string; readonly category: ErrorCategory }): void {
    this.plan.layers?.failed(this.options)
    this.report({
      type: 'answer-failed',
      code: error.code,
      category: error.category,
      durationMs: this.elapsedMs(),
    })
  }
}
