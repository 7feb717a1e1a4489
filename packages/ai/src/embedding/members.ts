import type { EmbeddingModelV3, EmbeddingModelV4 } from '@ai-sdk/provider'
import { createIntegration } from '@holdfast/core'
import type { Clock, CoreEvent, Events, Integration } from '@holdfast/core'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import type { AiEvent } from '../events/events.ts'
import { dialectOf, namespacesOf } from '../failover/adapt/dialect.ts'
import type { Dialect } from '../failover/adapt/dialect.ts'
import { MODEL_BREAKER } from '../failover/members.ts'
import { budgetsFor, ModelMeter } from '../failover/meter.ts'
import { distinct, nameOf } from '../failover/naming.ts'
import type { ModelAbout } from '../tiers/plan.ts'
import { asEmbeddingV4 } from './lift.ts'
import { EMBEDDING_FAILOVER_DEFAULTS } from './options.ts'
import type { EmbeddingFailoverOptions, EmbeddingMember } from './options.ts'

/** A member with its defaults filled in. */
export interface PlannedEmbedding {
  readonly name: string
  readonly model: EmbeddingModelV4
  readonly guard: Integration
  readonly dialect: Dialect
  readonly dimensions: number | undefined
  readonly about: ModelAbout
  readonly meter: ModelMeter
}

/** What is shared by all calls. */
export interface EmbeddingPlan {
  readonly name: string
  readonly members: readonly PlannedEmbedding[]
  readonly deadlineMs: number
  readonly events: Events<AiEvent> | undefined
  readonly clock: Clock
  /** How long vectors are; unset until somebody has said so. */
  dimensions: number | undefined
  /** Models of another name of which a result has warned. */
  readonly told: Set<PlannedEmbedding>
}

export type GivenEmbedding = EmbeddingModelV4 | EmbeddingModelV3 | EmbeddingMember

/** Checks the models and fills in what they leave out. @throws HoldfastError INVALID_OPTION. */
export function embeddingMembersOf(
  models: readonly GivenEmbedding[],
  options: EmbeddingFailoverOptions,
  clock: Clock,
): readonly PlannedEmbedding[] {
  if (!Array.isArray(models) || models.length === 0) throw invalid('models', 'at least one model', models)
  return distinct(
    (models as readonly GivenEmbedding[]).map((given, index) => memberOf(given, `models[${index}]`, options, clock)),
  )
}

/** Checks a number of dimensions. @throws HoldfastError INVALID_OPTION. */
export function dimensionsOf(option: string, dimensions: number | undefined): number | undefined {
  if (dimensions === undefined || Number.isInteger(between(option, dimensions, 1, 100_000))) return dimensions
  throw invalid(option, 'a whole number', dimensions)
}

function memberOf(
  given: GivenEmbedding,
  at: string,
  options: EmbeddingFailoverOptions,
  clock: Clock,
): PlannedEmbedding {
  if (typeof given !== 'object' || given === null) throw invalid(at, 'an embedding model, or an object with one', given)
  const known: EmbeddingMember = 'specificationVersion' in given ? { model: given } : given
  const model = asEmbeddingV4(known.model, `${at}.model`)
  const { provider, modelId } = model
  const name = nameOf(model, known, at)
  const { credential, pricePerMillion } = known
  const price =
    pricePerMillion === undefined
      ? undefined
      : { inputPerMillion: between(`${at}.pricePerMillion`, pricePerMillion, 0, 1_000_000_000), outputPerMillion: 0 }
  const about: ModelAbout = { provider, modelId, price, ...(credential === undefined ? {} : { credential }) }
  return Object.freeze({
    name,
    model,
    guard: known.integration ?? guardOf(name, options, clock),
    dialect: dialectOf(provider, namespacesOf(known, at)),
    dimensions: dimensionsOf(`${at}.dimensions`, known.dimensions),
    about,
    // What comes back costs nothing.
    meter: new ModelMeter(about, 0, budgetsFor(about, options.budgets, `${at}.pricePerMillion`), undefined),
  })
}

function guardOf(name: string, options: EmbeddingFailoverOptions, clock: Clock): Integration {
  const { attemptTimeoutMs = EMBEDDING_FAILOVER_DEFAULTS.attemptTimeoutMs, random, events } = options
  return createIntegration({
    name,
    kind: 'ai-service',
    deadlineMs: attemptTimeoutMs,
    attemptTimeoutMs: between('attemptTimeoutMs', attemptTimeoutMs, 1, DAY_MS),
    retry: false,
    goodputLimit: false,
    breaker: MODEL_BREAKER,
    clock,
    ...(random === undefined ? {} : { random }),
    // It takes more kinds of events than a model reports.
    ...(events === undefined ? {} : { events: events as unknown as Events<CoreEvent> }),
  })
}
