import type { LanguageModelV3, LanguageModelV4, LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider'
import { createIntegration, systemClock } from '@holdfast/core'
import { clockOf } from '@holdfast/core/by-hand'
import type { BreakerOptions, Clock, CoreEvent, Events, Integration } from '@holdfast/core'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import { modelFailure } from '../errors/model-failure.ts'
import { shown } from '../provenance/report.ts'
import type { Hedging } from '../tiers/hedging.ts'
import { asV4 } from '../tiers/lift.ts'
import { commitOf, isSafe } from '../tiers/plan.ts'
import type { ModelAbout, PlannedTier } from '../tiers/plan.ts'
import { adapt } from './adapt/adapt.ts'
import { dialectOf, namespacesOf } from './adapt/dialect.ts'
import { JsonSkill } from './adapt/json.ts'
import { hedgesOf } from './learnt-hedge.ts'
import { Load } from './load.ts'
import { budgetsFor, ModelMeter } from './meter.ts'
import { distinct, nameOf } from './naming.ts'
import type { Capabilities, FailoverModel, FailoverOptions } from './options.ts'
import { FAILOVER_DEFAULTS } from './options.ts'
import { priceOf } from './price.ts'
import { Allowance } from './rate-limits/allowance.ts'
import { reviewOf } from './structured/review.ts'
import { ToolCalls } from './structured/tool-calls.ts'
import { canStream, WholeAnswers } from './whole-answers.ts'

/**
 * A model that has a substitute may be left early: after four failures that are all there is within two minutes, or ten in a row. Not by a plain ratio: of a model of which a third of
 * the answers fails, the first three of five may, and it is still better than none.
 */
export const MODEL_BREAKER: BreakerOptions = Object.freeze({
  rule: 'wilson',
  windowMs: 120_000,
  consecutiveFailures: 10,
  openMs: 1_000,
  maxOpenMs: 30_000,
})

/** A model of a failover with its defaults filled in. */
export interface Member extends PlannedTier {
  readonly meter: ModelMeter
  readonly weight: number
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly supports: Capabilities
  readonly json: JsonSkill
}

export type Given = LanguageModelV4 | LanguageModelV3 | FailoverModel

/** Checks the models and fills in what they leave out. @throws HoldfastError INVALID_OPTION. */
export function membersOf(models: readonly Given[], options: FailoverOptions, clock: Clock): readonly Member[] {
  if (!Array.isArray(models) || models.length === 0) throw invalid('models', 'at least one model', models)
  const hedgingOf = hedgesOf(options, clock)
  return distinct(
    (models as readonly Given[]).map((given, index) => memberOf(given, `models[${index}]`, options, clock, hedgingOf)),
  )
}

function memberOf(
  given: Given,
  at: string,
  options: FailoverOptions,
  clock: Clock,
  hedgingOf: () => Hedging | undefined,
): Member {
  const known: FailoverModel = isModel(given) ? { model: given } : given
  if (typeof known !== 'object' || known === null) throw invalid(at, 'a language model, or an object with one', known)
  const model = asV4(known.model, `${at}.model`)
  const { credential, supports = {} } = known
  const name = nameOf(model, known, at)
  const servedBy = `${model.provider}:${model.modelId}`
  const price = priceOf(known.price ?? options.prices?.[servedBy], `${at}.price`)
  const count = (option: 'contextWindow' | 'maxOutputTokens'): number | undefined => {
    const value = known[option]
    return value === undefined ? undefined : between(`${at}.${option}`, value, 1, 100_000_000)
  }
  const maxOutputTokens = count('maxOutputTokens')
  const { safeToRepeat: safe = FAILOVER_DEFAULTS.safeToRepeat } = options
  if (typeof safe !== 'boolean' && typeof safe !== 'function')
    throw invalid('safeToRepeat', 'true, false or a function', safe)
  const { adaptJson = FAILOVER_DEFAULTS.adaptJson } = options
  if (typeof adaptJson !== 'boolean') throw invalid('adaptJson', 'true or false', adaptJson)
  const json = new JsonSkill(supports.json, adaptJson)
  const streams = supports.streams !== false && canStream(known.model)
  const guard = known.integration ?? modelGuard(name, streams ? options : wholeTime(options))
  const dialect = dialectOf(model.provider, namespacesOf(known, at))
  const about: ModelAbout = {
    provider: model.provider,
    modelId: model.modelId,
    price,
    ...(credential === undefined ? {} : { credential }),
  }
  return Object.freeze({
    name,
    model,
    servedBy,
    shown: shown(name, servedBy),
    timeoutMs: known.timeoutMs === undefined ? undefined : between(`${at}.timeoutMs`, known.timeoutMs, 1, DAY_MS),
    hedging: hedgingOf(),
    lastResortAfterMs: 0,
    runsNothing: false,
    commit: commitOf(`${at}.commit`, known.commit ?? options.commit ?? FAILOVER_DEFAULTS.commit),
    remember: true,
    exceptional: false,
    guard,
    sharesClock: clockOf(guard) === clock,
    about,
    prefills: known.prefills ?? false,
    load: new Load(clock),
    meter: meterOf(about, maxOutputTokens, { ...options, budgets: budgetsGiven(known, options, at) }, at, clock),
    takesFiltered: (options.onContentFilter ?? FAILOVER_DEFAULTS.onContentFilter) === 'surface',
    weight: between(`${at}.weight`, known.weight ?? 1, 0, 1_000_000),
    contextWindow: count('contextWindow'),
    maxOutputTokens,
    supports,
    json,
    // A tool that the provider runs itself may have run when its answer fails or loses.
    isSafeToRepeat: (call: LanguageModelV4CallOptions, hasRun = false) =>
      isSafe(safe, call) || (!hasRun && (call.tools ?? []).every(({ type }) => type !== 'provider')),
    prepare: (call: LanguageModelV4CallOptions) => json.prepare(adapt(call, dialect, maxOutputTokens)),
    reviewOf,
    whole: new WholeAnswers(model, streams),
    heed: (warnings: readonly SharedV4Warning[], format: LanguageModelV4CallOptions['responseFormat']) =>
      json.learn(warnings, format),
    toolCallsOf: (call: LanguageModelV4CallOptions) => new ToolCalls(call),
    failure: (thrown: unknown) => modelFailure(thrown, servedBy, clock),
  })
}

function meterOf(
  about: ModelAbout,
  maxOutputTokens: number | undefined,
  { budgets, heedRateLimits = FAILOVER_DEFAULTS.heedRateLimits }: FailoverOptions,
  at: string,
  clock: Clock,
): ModelMeter {
  const allowance = heedRateLimits ? new Allowance(clock) : undefined
  return new ModelMeter(about, maxOutputTokens, budgetsFor(about, budgets, `${at}.price`), allowance)
}

/** One of the two would otherwise be passed over in silence. */
function budgetsGiven(
  { budgets: own }: FailoverModel,
  { budgets }: FailoverOptions,
  at: string,
): FailoverOptions['budgets'] {
  if (own === undefined || budgets === undefined || own === budgets) return own ?? budgets
  throw invalid(`${at}.budgets`, 'left out where the failover has budgets of its own', 'both')
}

/** The first output of a model that does not stream is its last: it has as long as there is to a commit. */
function wholeTime(options: FailoverOptions): FailoverOptions {
  return { ...options, firstOutputTimeoutMs: options.deadlineMs ?? FAILOVER_DEFAULTS.deadlineMs }
}

function isModel(given: Given): given is LanguageModelV4 | LanguageModelV3 {
  return typeof given === 'object' && given !== null && 'specificationVersion' in given
}

/** The guard that a {@link failover} gives to a model without one, for who wants to look at it or to show it. @throws HoldfastError INVALID_OPTION. */
export function modelGuard(
  name: string,
  options: Pick<
    FailoverOptions,
    'firstOutputTimeoutMs' | 'deadlineMs' | 'idleTimeoutMs' | 'random' | 'events' | 'clock'
  > = {},
): Integration {
  const { firstOutputTimeoutMs = FAILOVER_DEFAULTS.firstOutputTimeoutMs, idleTimeoutMs, random, events } = options
  return createIntegration({
    name,
    kind: 'ai-service',
    deadlineMs: Math.max(firstOutputTimeoutMs, options.deadlineMs ?? FAILOVER_DEFAULTS.deadlineMs),
    attemptTimeoutMs: between('firstOutputTimeoutMs', firstOutputTimeoutMs, 1, DAY_MS),
    idleTimeoutMs,
    retry: false,
    // A provider turns away itself whom it cannot serve. When the traffic of a model that is down comes to its substitute, answers take longer there; a limit would
    // refuse customers who have nobody else.
    goodputLimit: false,
    // A model that thinks for long before its first word is not ill.
    breaker: { ...MODEL_BREAKER, slowCallMs: firstOutputTimeoutMs },
    clock: options.clock ?? systemClock,
    ...(random === undefined ? {} : { random }),
    // It takes more kinds of events than a model reports.
    ...(events === undefined ? {} : { events: events as unknown as Events<CoreEvent> }),
  })
}
