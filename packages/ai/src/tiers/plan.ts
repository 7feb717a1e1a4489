import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4Headers, SharedV4Warning } from '@ai-sdk/provider'
import { systemClock, toHoldfastError } from '@holdfast/core'
import { Deadlines } from '@holdfast/core/by-hand'
import type { Clock, Events, HoldfastError, Integration } from '@holdfast/core'
import { between, DAY_MS, invalid, named } from '../errors/invalid-options.ts'
import type { AiEvent } from '../events/events.ts'
import { unchanged } from '../failover/adapt/adapt.ts'
import type { Prepared } from '../failover/adapt/adapt.ts'
import type { ExtraAttempts } from '../failover/extra-attempts.ts'
import type { Load } from '../failover/load.ts'
import type { AttemptUsage, Price } from '../failover/price.ts'
import { isList } from '../failover/layers.ts'
import type { Layers } from '../failover/layers.ts'
import type { RequestNeeds } from '../failover/request-size.ts'
import type { Review } from '../failover/structured/review.ts'
import type { ToolCalls } from '../failover/structured/tool-calls.ts'
import type { WholeAnswers } from '../failover/whole-answers.ts'
import type { AnswerMemory } from '../memory/answer-memory.ts'
import { shown } from '../provenance/report.ts'
import type { Shown } from '../provenance/report.ts'
import type { RequestContext } from '../provenance/request-context.ts'
import { hedgeAfter } from './hedging.ts'
import type { Hedging } from './hedging.ts'
import { asV4 } from './lift.ts'
import { TIER_LIST_DEFAULTS } from './options.ts'
import type { Commit, OnMidStream, Tier, TierListOptions } from './options.ts'

/** A tier with its defaults filled in. */
export interface PlannedTier {
  readonly name: string
  readonly model: LanguageModelV4
  /** Whom its answers are from, unless they say so themselves. */
  readonly servedBy: string
  /** Both names, for headers. */
  readonly shown: Shown
  readonly timeoutMs: number | undefined
  /** Left out for a tier that is never hedged, but by who finds out whether it works again. */
  readonly hedging: Hedging | undefined
  /** 0 for a tier that is no last resort. */
  readonly lastResortAfterMs: number
  /** Whether it only says what is ready, so that it can be asked whatever has run before. */
  readonly runsNothing: boolean
  readonly commit: Commit
  readonly remember: boolean
  /** Whether it stands before the assistant's own tiers, for what is only for it. */
  readonly exceptional: boolean
  /** Guards each attempt, where the model does not guard itself. */
  readonly guard: Integration | undefined
  /** Whether the guard has the same clock. */
  readonly sharesClock: boolean
  /** Whether another may be asked the same. @param hasRun whether its provider has certainly run a tool. */
  isSafeToRepeat(options: LanguageModelV4CallOptions, hasRun?: boolean): boolean
  /** A request in the form this model understands. */
  prepare(options: LanguageModelV4CallOptions): Prepared
  /** What a thrown value, or an error part, of this model means. */
  failure(thrown: unknown): HoldfastError
  /** How its answer to a request is looked through before it counts as one; such an answer commits only when it is whole. */
  reviewOf(options: LanguageModelV4CallOptions): Review | undefined
  /** Asks for whole answers where there are no streams; left out where there always are. */
  readonly whole: WholeAnswers | undefined
  /** Takes up what its provider says of what it has ignored. @param format of the answer that it was asked for. */
  heed(warnings: readonly SharedV4Warning[], format: LanguageModelV4CallOptions['responseFormat']): void
  /** Looks through the tool calls of an answer to a request. */
  toolCallsOf(options: LanguageModelV4CallOptions): ToolCalls | undefined
  /** What is told of it beside its name; only of models that are told apart. */
  readonly about: ModelAbout | undefined
  /** Whether it goes on with an assistant's message that ends its prompt. */
  readonly prefills: boolean
  /** How busy it is, for who chooses by that. */
  readonly load: Load | undefined
  /** Whether an answer that a content filter has ended counts as one. */
  readonly takesFiltered: boolean | undefined
  /** What asking it uses up beside time; only of models that are told apart. */
  readonly meter: Meter | undefined
}

/** What asking a model uses up: money, and its provider's patience. */
export interface Meter {
  /** How long until its provider would take the request, as far as that is known, in ms; 0 where it would at once. */
  roomInMs(request: MeteredRequest): number
  /** Sets aside what one attempt may use. @throws HoldfastError when there is not so much. */
  begin(request: MeteredRequest): MeteredAttempt
}

/** What a meter wants to know of a request. */
export interface MeteredRequest {
  readonly options: Pick<LanguageModelV4CallOptions, 'maxOutputTokens'>
  readonly context: RequestContext
  /** Tokens of the prompt, estimated. */
  readonly inputTokens: number
}

/** One attempt, as its meter sees it. */
export interface MeteredAttempt {
  /** The model is asked now. */
  sent(): void
  /** @param headers of its reply. */
  heard(headers: SharedV4Headers | undefined): void
  /** @param thrown by the model, or on the way to it. @param error what that means. */
  failed(thrown: unknown, error: HoldfastError): void
  /** It has ended, and has used so much; nothing, where nobody was reached. */
  end(usage: AttemptUsage | undefined): void
}

/** Which model of which provider a tier is, and what it costs. */
export interface ModelAbout {
  readonly provider: string
  readonly modelId: string
  readonly credential?: string
  readonly price: Price | undefined
}

/** The list as it was built; shared by all requests and never changed. */
export interface Plan {
  readonly name: string
  /** The first of them is the one that should serve. */
  readonly tiers: readonly PlannedTier[]
  /** Whether the last one is asked although the deadline has passed. */
  readonly asksLast: boolean
  readonly deadlineMs: number
  readonly idleTimeoutMs: number
  /** `Infinity` for no limit. */
  readonly answerTimeoutMs: number
  readonly paceMs: number
  /** 0 for any pace. */
  readonly paceChars: number
  readonly maxHeldBytes: number
  readonly memory: AnswerMemory | undefined
  readonly events: Events<AiEvent> | undefined
  readonly clock: Clock
  /** Watches the time of all attempts. */
  readonly deadlines: Deadlines
  readonly onMidStream: OnMidStream
  /** Bounds the attempts after the first of each request. Left out where the tiers are few and each asked once. */
  readonly extras: ExtraAttempts | undefined
  /** What layers there are above and below; left out where nobody looks. */
  readonly layers: Layers | undefined
  /** Whom to ask for one request, in their order. @param needs looked at once, and only where they matter. @throws HoldfastError when nobody may be asked. */
  order(options: LanguageModelV4CallOptions, needs: () => RequestNeeds): readonly PlannedTier[]
  /** How long to wait before `tier`, which has failed, is asked the same again, in ms; `undefined` when it is not. @param tries how often it was asked. */
  retryIn(error: HoldfastError, tries: number, tookMs: number): number | undefined
  /** Who of those that are left may still be asked after a failure. `undefined` when whoever is asked would say the same. */
  after(error: HoldfastError, tier: PlannedTier, left: readonly PlannedTier[]): readonly PlannedTier[] | undefined
}

/** A tier of which nothing is known but its model. */
const UNTOLD = {
  guard: undefined,
  sharesClock: false,
  about: undefined,
  prefills: false,
  load: undefined,
  meter: undefined,
  takesFiltered: undefined,
  prepare: unchanged,
  reviewOf: (): undefined => undefined,
  whole: undefined,
  heed: (): undefined => undefined,
  toolCallsOf: (): undefined => undefined,
  failure: (thrown: unknown): HoldfastError => toHoldfastError(thrown),
}

/** Checks the options and fills in the defaults. @throws HoldfastError INVALID_OPTION. */
export function planOf(options: TierListOptions): Plan {
  if (!Array.isArray(options.tiers) || options.tiers.length === 0) {
    throw invalid('tiers', 'at least one tier', options.tiers)
  }
  const { clock = systemClock } = options
  const seen = new Set<string>()
  const tiers = options.tiers.map((tier, index) => {
    const planned = planTier(tier, index)
    if (seen.has(planned.name)) throw invalid(`tiers[${index}].name`, 'a name that no other tier has', planned.name)
    seen.add(planned.name)
    return planned
  })
  return Object.freeze({
    name: named('name', options.name),
    tiers: Object.freeze(tiers),
    asksLast: true,
    onMidStream: 'error',
    extras: undefined,
    layers: undefined,
    order: () => tiers,
    // A tier that is worth a second try has it inside.
    retryIn: () => undefined,
    // What one tier refuses another may answer.
    after: (_error: HoldfastError, _tier: PlannedTier, left: readonly PlannedTier[]) => left,
    deadlineMs: between('deadlineMs', options.deadlineMs ?? TIER_LIST_DEFAULTS.deadlineMs, 1, DAY_MS),
    // Whose tiers are models has a failover there, and other tiers may take their time.
    answerTimeoutMs: Infinity,
    paceMs: Infinity,
    paceChars: 0,
    idleTimeoutMs: between('idleTimeoutMs', options.idleTimeoutMs ?? TIER_LIST_DEFAULTS.idleTimeoutMs, 1, DAY_MS),
    maxHeldBytes: between('maxHeldBytes', options.maxHeldBytes ?? TIER_LIST_DEFAULTS.maxHeldBytes, 1024, 1_073_741_824),
    memory: options.memory,
    events: options.events,
    clock,
    deadlines: new Deadlines(clock),
  })
}

function planTier(tier: Tier, index: number): PlannedTier {
  const at = `tiers[${index}]`
  const safe = tier.safeToRepeat ?? false
  const name = named(`${at}.name`, tier.name)
  const model = asV4(tier.model, `${at}.model`)
  const servedBy = `${model.provider}:${model.modelId}`
  return Object.freeze({
    name,
    model,
    servedBy,
    shown: shown(name, servedBy),
    timeoutMs: tier.timeoutMs === undefined ? undefined : between(`${at}.timeoutMs`, tier.timeoutMs, 1, DAY_MS),
    hedging:
      tier.hedgeAfterMs === undefined
        ? undefined
        : hedgeAfter(between(`${at}.hedgeAfterMs`, tier.hedgeAfterMs, 0, DAY_MS)),
    lastResortAfterMs: between(`${at}.lastResortAfterMs`, tier.lastResortAfterMs ?? 0, 0, DAY_MS),
    runsNothing: (tier.lastResortAfterMs ?? 0) > 0 || saysReadyTexts(model),
    commit: commitOf(`${at}.commit`, tier.commit ?? TIER_LIST_DEFAULTS.commit),
    remember: tier.remember ?? true,
    exceptional: tier.exceptional ?? false,
    ...UNTOLD,
    isSafeToRepeat: (options: LanguageModelV4CallOptions) => isSafe(safe, options),
  })
}

/** The tiers of this package that have a ready text for everything, by their names; the last word, which imports nothing, can be known by nothing else. */
const READY = ['templates', 'static', 'stale', 'offline', 'last-word']

function saysReadyTexts(model: LanguageModelV4): boolean {
  return model.provider === 'holdfast' && READY.includes(model.modelId) && !isList(model)
}

/** What an option says of a request; not safe when it throws. */
export function isSafe(safe: NonNullable<Tier['safeToRepeat']>, options: LanguageModelV4CallOptions): boolean {
  if (typeof safe === 'boolean') return safe
  try {
    return safe(options)
  } catch {
    return false
  }
}

/** Checks when an answer is to commit. @throws HoldfastError INVALID_OPTION. */
export function commitOf(option: string, commit: Commit): Commit {
  if (commit === 'first-output' || commit === 'complete') return commit
  if (typeof commit !== 'object' || commit === null) {
    throw invalid(option, '"first-output", "complete" or an object with chars and ms', commit)
  }
  const chars = between(`${option}.chars`, commit.chars, 1, 1_000_000)
  const minimumChars = between(`${option}.minimumChars`, commit.minimumChars ?? 0, 0, chars)
  return Object.freeze({ chars, ms: between(`${option}.ms`, commit.ms, 1, DAY_MS), minimumChars })
}
