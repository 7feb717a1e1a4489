import type { LanguageModelV4 } from '@ai-sdk/provider'
import { CATEGORY_RULES, systemClock, systemRandom } from '@holdfast/core'
import { Deadlines } from '@holdfast/core/by-hand'
import type { HoldfastError, Random } from '@holdfast/core'
import { between, DAY_MS, invalid, named } from '../errors/invalid-options.ts'
import type { OnMidStream } from '../tiers/options.ts'
import type { Plan, PlannedTier } from '../tiers/plan.ts'
import { planModel } from '../tiers/plan-model.ts'
import { budgetedOrder } from './budgeted-order.ts'
import { ExtraAttempts } from './extra-attempts.ts'
import { Layers } from './layers.ts'
import type { Given, Member } from './members.ts'
import { membersOf } from './members.ts'
import type { Choice, FailoverOptions } from './options.ts'
import { FAILOVER_DEFAULTS } from './options.ts'
import { orderOf } from './order.ts'

/** The first wait before a model is tried again is half of this to this, in ms; it doubles. */
const BACKOFF_MS = 200

const WAYS: readonly OnMidStream[] = ['error', 'restart', 'continue', 'continue-or-restart']

const CHOICES: readonly unknown[] = ['ordered', 'weighted', 'least-loaded', 'cheapest']

/**
 * Several language models that stand in for each other, as one: the first that answers serves, and whatever another one has said before it failed is never
 * seen. Built like a {@link tierList}; in addition it knows models: each has a circuit of its own, errors are told apart (a request that one model calls
 * wrong is not shown to the next, one that is too long goes to a larger one only), requests go where they fit, and every attempt is accounted for with its tokens
 * and its cost.
 *
 * Throws {@link AllTiersFailedError} when none could answer, {@link RequestRefusedError} when a model found fault with the request itself, and the caller's
 * own reason when it gave up. None of them is retried by the AI SDK.
 *
 * @param models in their order; plain ones, or with what is known of them.
 * @throws HoldfastError INVALID_OPTION when an option is wrong.
 * @example
 * ```ts
 * import { failover, provenanceOf } from '@holdfast/ai'
 * import { generateText } from 'ai'
 * import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
 *
 * const broken = new MockLanguageModelV4({ modelId: 'large', doStream: () => Promise.reject(new Error('down')) })
 * const usage = {
 *   inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
 *   outputTokens: { total: 1, text: 1, reasoning: undefined },
 * }
 * const working = new MockLanguageModelV4({
 *   modelId: 'small',
 *   doStream: async () => ({
 *     stream: simulateReadableStream({
 *       chunks: [
 *         { type: 'text-start', id: '1' },
 *         { type: 'text-delta', id: '1', delta: 'Hello' },
 *         { type: 'text-end', id: '1' },
 *         { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
 *       ],
 *     }),
 *   }),
 * })
 * const model = failover([broken, { model: working, price: { inputPerMillion: 0.25, outputPerMillion: 2 } }])
 * const { text, providerMetadata } = await generateText({ model, prompt: 'Good morning' })
 * console.log(text, provenanceOf(providerMetadata)?.attempts)
 * ```
 */
export function failover(models: readonly Given[], options: FailoverOptions = {}): LanguageModelV4 {
  return planModel(planOf(models, options))
}

function planOf(models: readonly Given[], options: FailoverOptions): Plan {
  const { clock = systemClock, random = systemRandom, events } = options
  const { name, deadlineMs, idleTimeoutMs, paceMs, paceChars, maxHeldBytes, maxRetries, retryWithinMs, ...more } = {
    ...FAILOVER_DEFAULTS,
    ...defined(options),
  }
  const { answerTimeoutMs = Math.max(FAILOVER_DEFAULTS.answerTimeoutMs, deadlineMs) } = options
  named('name', name)
  const members = membersOf(models, options, clock)
  const retryBudgetRatio = between('retryBudgetRatio', more.retryBudgetRatio, 0, 1)
  const retryBudgetFloor = between('retryBudgetFloor', more.retryBudgetFloor, 0, 1_000_000)
  between('maxRetries', maxRetries, 0, 10)
  between('retryWithinMs', retryWithinMs, 0, DAY_MS)
  return Object.freeze({
    name,
    tiers: members,
    asksLast: false,
    onMidStream: onMidStreamOf(options.onMidStream ?? FAILOVER_DEFAULTS.onMidStream),
    deadlineMs: between('deadlineMs', deadlineMs, 1, DAY_MS),
    idleTimeoutMs: between('idleTimeoutMs', idleTimeoutMs, 1, DAY_MS),
    answerTimeoutMs: between('answerTimeoutMs', answerTimeoutMs, deadlineMs, DAY_MS),
    paceMs: between('paceMs', paceMs, 1, DAY_MS),
    paceChars: between('paceChars', paceChars, 0, 1_000_000),
    maxHeldBytes: between('maxHeldBytes', maxHeldBytes, 1024, 1_073_741_824),
    memory: undefined,
    extras: new ExtraAttempts(clock, retryBudgetRatio, retryBudgetFloor),
    layers: new Layers(members),
    events,
    clock,
    deadlines: new Deadlines(clock),
    order: budgetedOrder(orderOf(members, choiceOf(options.choose ?? FAILOVER_DEFAULTS.choose), random), members),
    retryIn: (error: HoldfastError, tries: number, tookMs: number) =>
      tries > maxRetries || tookMs > retryWithinMs ? undefined : waitOf(error, tries, random),
    after: (error: HoldfastError, tier: PlannedTier, left: readonly PlannedTier[]) =>
      after(error, tier as Member, left as readonly Member[]),
  })
}

function choiceOf(choose: Choice): Choice {
  if (typeof choose === 'function' || CHOICES.includes(choose)) return choose
  throw invalid('choose', `${CHOICES.join(', ')}, or a function`, choose)
}

function onMidStreamOf(way: OnMidStream): OnMidStream {
  if (WAYS.includes(way)) return way
  throw invalid('onMidStream', WAYS.join(', '), way)
}

/** How long to wait before the same model is asked again, if that may help; a model that says itself that it takes longer is left to others. */
function waitOf(error: HoldfastError, tries: number, random: Random): number | undefined {
  const { retryable, category, retryAfterMs = 0 } = error
  if (!retryable || !CATEGORY_RULES[category].retry || category === 'rejected') return undefined
  const longest = BACKOFF_MS * 2 ** (tries - 1)
  return retryAfterMs > longest ? undefined : Math.max(retryAfterMs, longest * (0.5 + random() / 2))
}

/** Who may still be asked after a failure. */
function after(error: HoldfastError, failed: Member, left: readonly Member[]): readonly Member[] | undefined {
  // A refusal is no answer that could be surfaced.
  if (error.code === 'CONTENT_FILTERED' && failed.takesFiltered === true) return undefined
  switch (error.category) {
    // The request itself is wrong.
    case 'client':
    case 'validation':
      return undefined
    case 'context-length': {
      const { contextWindow: tooSmall } = failed
      const larger = left.filter(
        ({ contextWindow }) => tooSmall === undefined || (contextWindow ?? Infinity) > tooSmall,
      )
      return larger.length === 0 ? undefined : larger
    }
    default:
      return left
  }
}

function defined(options: FailoverOptions): {
  [Name in keyof FailoverOptions]: Exclude<FailoverOptions[Name], undefined>
} {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
