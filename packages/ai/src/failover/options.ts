import type { LanguageModelV3, LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Clock, Events, HedgeOptions, Integration, Random } from '@holdfast/core'
import type { AiEvent } from '../events/events.ts'
import type { Commit, OnMidStream } from '../tiers/options.ts'
import type { Budgets } from './budget/budgets.ts'
import type { Price } from './price.ts'

/** What a model can do. What is left out counts as yes. */
export interface Capabilities {
  /** Calls tools. */
  readonly tools?: boolean | undefined
  /** Answers in JSON when asked to: with a schema or without (`true`), without only (`object`), or not at all. See `adaptJson`. */
  readonly json?: boolean | 'object' | undefined
  /** Streams its answers. Otherwise the whole answer is asked for (`doGenerate`), which has until `deadlineMs`; so it is where a model refuses to stream. */
  readonly streams?: boolean | undefined
  /** Reads files (images, documents) in a prompt. */
  readonly files?: boolean | undefined
}

/** One model of a {@link failover}, and what is known of it. */
export interface FailoverModel {
  /** Any language model of the AI SDK, of version 4 or 3 of its specification. */
  readonly model: LanguageModelV4 | LanguageModelV3
  /** In events, provenance and circuits. 1 to 64 of `a-z`, `0-9`, `-`. Default: made of provider, model and `credential`. */
  readonly name?: string | undefined
  /** Which of several keys it uses: a label, never the key. Each has a circuit of its own. 1 to 32 of `a-z`, `0-9`, `-`. Default: none. */
  readonly credential?: string | undefined
  /**
   * Guards its attempts. Default: one of its own, of kind `ai-service`, with `firstOutputTimeoutMs` and without retries.
   */
  readonly integration?: Integration | undefined
  /** Time to its commit, in ms. 1 to 86,400,000. Default: what is left of the deadline. */
  readonly timeoutMs?: number | undefined
  /** Default: that of the failover. */
  readonly commit?: Commit | undefined
  /** For `choose: 'weighted'`: its share. 0 to 1,000,000; with 0 it is only asked when all others have failed. Default: 1. */
  readonly weight?: number | undefined
  /** Tokens of prompt and answer together. A request that is certainly longer goes to a larger one. 1 to 100,000,000. Default: not known, as if there were no limit. */
  readonly contextWindow?: number | undefined
  /** More tokens of answer than this are not asked for (the result has a warning). 1 to 100,000,000. Default: not known. */
  readonly maxOutputTokens?: number | undefined
  readonly supports?: Capabilities | undefined
  /**
   * Whose `providerOptions` it reads, and whose marks on earlier turns. Others are kept from it. Default: by the provider's name, for what the AI SDK's providers read
   * (`openai.responses`: `openai`; `azure.chat`: `azure` and `openai`; …); of a provider that is not known, its own name, `openaiCompatible` and `openai`.
   */
  readonly namespaces?: readonly string[] | undefined
  /**
   * Whether it goes on with an assistant's message that ends the prompt, as Anthropic's models do (not while they think). Used for `onMidStream: 'continue'`.
   * Default: false; it is then asked for the rest in words.
   */
  readonly prefills?: boolean | undefined
  /** Default: the price in `prices` of the failover, if there is one. */
  readonly price?: Price | undefined
  /** What may be spent on it, wherever it is asked; a failover that it is in takes no other `budgets`. Default: those of the failover. */
  readonly budgets?: Budgets | undefined
}

/** Whom to ask first, and after whom. */
export type Choice =
  | 'ordered'
  | 'weighted'
  | 'least-loaded'
  | 'cheapest'
  /** Names in the order in which to ask; who is not named is not asked. */
  | ((options: LanguageModelV4CallOptions, names: readonly string[]) => readonly string[])

/** How a {@link failover} behaves. */
export interface FailoverOptions {
  /** Becomes the `modelId`, and `assistant` in events. 1 to 64 of `a-z`, `0-9`, `-`. Default: `failover`. */
  readonly name?: string | undefined
  /**
   * - `ordered`: as listed.
   * - `weighted`: at random by `weight`; with a `sessionId`, always the same for one session while it works.
   * - `least-loaded`: the better of two at random, by requests under way and the time to the first output lately (peak EWMA).
   * - `cheapest`: by `price`, for the estimated tokens of the request; one without a price comes last.
   *
   * With a `sessionId`, the last two keep a session with the model it had first, while that works and has room.
   *
   * Default: `ordered`.
   */
  readonly choose?: Choice | undefined
  /** Default: `first-output`. */
  readonly commit?: Commit | undefined
  /** Total time to the commit of some model, in ms. 1 to 86,400,000. Default: 30,000. */
  readonly deadlineMs?: number | undefined
  /** Time to the first output of one model, in ms; for models without an integration of their own. 1 to 86,400,000. Default: 10,000. */
  readonly firstOutputTimeoutMs?: number | undefined
  /** Longest silence between two outputs, in ms. 1 to 86,400,000. Default: 10,000. */
  readonly idleTimeoutMs?: number | undefined
  /**
   * Longest time of one answer, from when its model was asked to its end, in ms; anew for a model that takes it over. An answer that goes on breaks off there (`ANSWER_TIMEOUT`).
   * `deadlineMs` to 86,400,000. Default: 600,000, or `deadlineMs` if that is more.
   */
  readonly answerTimeoutMs?: number | undefined
  /** Once it has begun, so long may an answer take for `paceChars` characters; one that trickles breaks off (`TOO_SLOW`). Only waiting counts, not the reader's own time. In ms, 1 to 86,400,000. Default: 20,000. */
  readonly paceMs?: number | undefined
  /** Of text, reasoning and input of tools. 0 to 1,000,000; 0 for any pace. Default: 10. */
  readonly paceChars?: number | undefined
  /** Tries of one model after its first, for failures that pass (`CATEGORY_RULES`, `retryable`) and came within `retryWithinMs`. 0 to 10. Default: 0. */
  readonly maxRetries?: number | undefined
  /** A model that took longer than this to fail is not tried again, in ms. 0 to 86,400,000. Default: 2,000. */
  readonly retryWithinMs?: number | undefined
  /**
   * Attempts after the first of a request (of the same model, of the next one, beside a silent one) that have come to nothing may be at most this share of the requests of the last ten seconds,
   * not counting as many as have helped … When they are more, a request whose model has failed is left at that: the others are `skipped` (`RETRY_BUDGET_SPENT`). 0 to 1. Default: 0.2.
   */
  readonly retryBudgetRatio?: number | undefined
  /** … but this many in ten seconds are always allowed. 0 to 1,000,000. Default: 10. */
  readonly retryBudgetFloor?: number | undefined
  /** The next model starts beside one that has been silent for so long, however often that comes; the first output wins. In ms, 0 to 86,400,000. `false` for never. Default: false. */
  readonly hedgeAfterMs?: number | false | undefined
  /**
   * The same with a time that is learnt, and a budget: the next model starts beside one that has been silent for longer than `quantile` of its own first outputs
   * took lately (or `delayMs`, if given), in at most `budgetRatio` of the requests, or `budgetFloor` in ten seconds if that is more. `{}` takes the defaults of a
   * hedge of core (`HEDGE_DEFAULTS`). Not together with `hedgeAfterMs`. Default: false.
   */
  readonly hedge?: Omit<HedgeOptions, 'maxHedges'> | false | undefined
  /**
   * Whether tools that a provider runs may run twice for one request, as a search may: another model is then asked after the answer of one that has run such a tool
   * has failed, and beside a silent one. Otherwise the request ends there, with `TOOL_HAS_RUN`. Default: false.
   */
  readonly safeToRepeat?: boolean | ((options: LanguageModelV4CallOptions) => boolean) | undefined
  /**
   * Whether a model that takes no JSON schema, or has no JSON mode at all, is asked in its prompt for what fits (with a warning of type `compatibility`), after all models that do. It is known by
   * `supports.json`, or from its provider's own warning that it has ignored the format. Otherwise it is passed over. Default: true.
   */
  readonly adaptJson?: boolean | undefined
  /** What happens when an answer breaks off in its middle. Default: `error`. */
  readonly onMidStream?: OnMidStream | undefined
  /** What becomes of an answer that a provider's content filter has ended: it is the answer (`surface`; where the filter refused the request, that is thrown), or the next model is asked (`next`). Default: `surface`. */
  readonly onContentFilter?: 'surface' | 'next' | undefined
  /** How much of one answer may be kept back, in bytes. 1,024 to 1,073,741,824. Default: 1,048,576 (1 MiB). */
  readonly maxHeldBytes?: number | undefined
  /** Prices by `provider:modelId`. Default: none; costs are then not told. */
  readonly prices?: Readonly<Record<string, Price>> | undefined
  /** What may be spent, and by whom ({@link createBudgets}); several failovers may share it. Default: no limit. */
  readonly budgets?: Budgets | undefined
  /** Whether a model that takes no more for a while, by what its provider says in the headers of replies, is asked after the others. Default: true. */
  readonly heedRateLimits?: boolean | undefined
  readonly events?: Events<AiEvent> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** What {@link FailoverOptions} fall back to. */
export const FAILOVER_DEFAULTS: Readonly<{
  name: 'failover'
  choose: 'ordered'
  commit: 'first-output'
  deadlineMs: number
  firstOutputTimeoutMs: number
  idleTimeoutMs: number
  answerTimeoutMs: number
  paceMs: number
  paceChars: number
  maxRetries: number
  retryWithinMs: number
  retryBudgetRatio: number
  retryBudgetFloor: number
  hedgeAfterMs: false
  hedge: false
  safeToRepeat: false
  adaptJson: boolean
  onMidStream: 'error'
  onContentFilter: 'surface'
  maxHeldBytes: number
  heedRateLimits: boolean
}> = Object.freeze({
  name: 'failover',
  choose: 'ordered',
  commit: 'first-output',
  deadlineMs: 30_000,
  firstOutputTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  answerTimeoutMs: 600_000,
  paceMs: 20_000,
  paceChars: 10,
  maxRetries: 0,
  retryWithinMs: 2_000,
  retryBudgetRatio: 0.2,
  retryBudgetFloor: 10,
  hedgeAfterMs: false,
  hedge: false,
  safeToRepeat: false,
  adaptJson: true,
  onMidStream: 'error',
  onContentFilter: 'surface',
  maxHeldBytes: 1_048_576,
  heedRateLimits: true,
})
