import type {
  EmbeddingModelV4CallOptions,
  EmbeddingModelV4Result,
  LanguageModelV4CallOptions,
  SharedV4Warning,
} from '@ai-sdk/provider'
import { HoldfastError } from '@holdfast/core'
import { AllTiersFailedError } from '../errors/all-tiers-failed.ts'
import { isUndone, noTimeLeft } from '../errors/failures.ts'
import { modelFailure } from '../errors/model-failure.ts'
import { RequestRefusedError } from '../errors/request-refused.ts'
import { checkRoom } from '../failover/budgeted-order.ts'
import { tokensOf } from '../failover/price.ts'
import { withOptionsFor } from '../failover/adapt/provider-options.ts'
import { reportMetadata } from '../provenance/report.ts'
import { requestContext } from '../provenance/request-context.ts'
import { AttemptLog, isSkipped } from '../tiers/attempt-log.ts'
import type { LogEntry } from '../tiers/attempt-log.ts'
import type { MeteredAttempt, MeteredRequest } from '../tiers/plan.ts'
import type { EmbeddingPlan, PlannedEmbedding } from './members.ts'
import { checkVectors } from './vectors.ts'

/** What is wrong with the request itself, so that nobody else is asked. */
const REFUSALS: readonly string[] = ['client', 'validation']

/** One call, from model to model. */
export class EmbeddingRequest {
  readonly #plan: EmbeddingPlan
  readonly #call: EmbeddingModelV4CallOptions
  readonly #id: string
  readonly #tenant: string
  readonly #metered: MeteredRequest
  readonly #startedAt: number
  readonly #log: AttemptLog = new AttemptLog()

  constructor(plan: EmbeddingPlan, call: EmbeddingModelV4CallOptions) {
    this.#plan = plan
    this.#call = call
    const context = requestContext(call as unknown as LanguageModelV4CallOptions)
    const { requestId, tenant = 'default' } = context
    const chars = call.values.reduce((sum, { length }) => sum + length, 0)
    this.#metered = { options: {}, context, inputTokens: tokensOf(chars) }
    this.#id = requestId ?? crypto.randomUUID()
    this.#tenant = tenant
    this.#startedAt = plan.clock.now()
  }

  async run(): Promise<EmbeddingModelV4Result> {
    const { name, members, deadlineMs } = this.#plan
    const { abortSignal, values } = this.#call
    if (values.length === 0) return { embeddings: [], warnings: [] }
    abortSignal?.throwIfAborted()
    checkRoom(members, this.#metered)
    let last: HoldfastError | undefined
    for (const member of members) {
      abortSignal?.throwIfAborted()
      const entry = this.#log.open(member, this.#elapsedMs())
      const leftMs = deadlineMs - this.#elapsedMs()
      if (leftMs <= 0) {
        last ??= noTimeLeft(member.name)
        this.#log.passedOver(entry, noTimeLeft(member.name))
        continue
      }
      let attempt: MeteredAttempt | undefined
      try {
        attempt = member.meter.begin(this.#metered)
        return this.#served(member, entry, await this.#ask(member, leftMs))
      } catch (thrown) {
        if (!isUndone(thrown)) {
          entry.usage = { inputTokens: this.#metered.inputTokens, outputTokens: 0, estimated: true }
        }
        if (abortSignal?.aborted === true) throw thrown
        last = this.#failed(member, entry, thrown)
        if (REFUSALS.includes(last.category)) {
          throw new RequestRefusedError(last, this.#id, this.#log.list(this.#elapsedMs()))
        }
      } finally {
        attempt?.end(entry.usage)
      }
    }
    throw new AllTiersFailedError(name, this.#id, this.#log.list(this.#elapsedMs()), last)
  }

  #ask({ model, guard, dialect, about }: PlannedEmbedding, leftMs: number): Promise<EmbeddingModelV4Result> {
    const { clock } = this.#plan
    const call = dialect.options === undefined ? this.#call : withOptionsFor(this.#call, dialect.options)
    return guard.call(
      async ({ signal }) => {
        try {
          const result = await model.doEmbed({ ...call, abortSignal: signal })
          // Only a call that leaves it to the models fixes, or is bound by, what the vectors of all have to be.
          const { dimensions, values } = this.#call
          const given = checkVectors(result, values.length, dimensions ?? this.#plan.dimensions)
          if (dimensions === undefined) this.#plan.dimensions ??= given
          return result
        } catch (error) {
          // What the abort of this attempt has thrown is the guard's to tell.
          if (signal.aborted) throw error
          throw modelFailure(error, `${about.provider}:${about.modelId}`, clock)
        }
      },
      { signal: this.#call.abortSignal, deadlineMs: leftMs, requestId: this.#id, tenant: this.#tenant },
    )
  }

  #served(member: PlannedEmbedding, entry: LogEntry, result: EmbeddingModelV4Result): EmbeddingModelV4Result {
    const { name, members, told } = this.#plan
    const nowMs = this.#elapsedMs()
    const servedBy = `${member.about.provider}:${member.about.modelId}`
    if (result.usage !== undefined) entry.usage = { inputTokens: result.usage.tokens, outputTokens: 0 }
    this.#log.served(entry, nowMs, nowMs - entry.startMs, {}, servedBy)
    const attempts = this.#log.list(nowMs)
    const costs = attempts.flatMap(({ cost }) => cost ?? [])
    const provenance = {
      requestId: this.#id,
      assistant: name,
      tier: member.name,
      servedBy,
      degraded: member !== members[0],
      stale: false,
      hedged: false,
      durationMs: nowMs,
      attempts,
      ...(costs.length === 0 ? {} : { cost: costs.reduce((sum, cost) => sum + cost, 0) }),
    }
    const warnings = [...(result.warnings ?? []), ...(told.has(member) ? [] : otherModel(member, members[0]!))]
    told.add(member)
    return { ...result, warnings, providerMetadata: { ...result.providerMetadata, ...reportMetadata(provenance) } }
  }

  #failed({ name, about }: PlannedEmbedding, entry: LogEntry, thrown: unknown): HoldfastError {
    const { clock, events } = this.#plan
    const error = HoldfastError.isInstance(thrown)
      ? thrown
      : modelFailure(thrown, `${about.provider}:${about.modelId}`, clock)
    const nowMs = this.#elapsedMs()
    this.#log.failed(entry, nowMs, error)
    if (events?.active === true) {
      const { code, category } = error
      events.emit({
        type: isSkipped(error) ? 'tier-skipped' : 'tier-failed',
        at: clock.wallTime(),
        assistant: this.#plan.name,
        requestId: this.#id,
        tenant: this.#tenant,
        tier: name,
        code,
        category,
        durationMs: nowMs - entry.startMs,
      })
    }
    return error
  }

  #elapsedMs(): number {
    return this.#plan.clock.now() - this.#startedAt
  }
}

/** Warns of vectors that may not be comparable with those of the first model, as far as their names tell. */
function otherModel({ about }: PlannedEmbedding, { about: first }: PlannedEmbedding): SharedV4Warning[] {
  if (about.modelId === first.modelId) return []
  const [given, wanted] = [about, first].map(({ provider, modelId }) => `"${provider}:${modelId}"`)
  const details = `The vectors are of ${given}, not of ${wanted}. Unless both are one model under two names, they cannot be compared.`
  return [{ type: 'compatibility', feature: 'embedding model', details }]
}
