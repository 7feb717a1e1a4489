import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { collect } from '../stream-parts/collect.ts'
import { deliver } from './delivery.ts'
import type { TierListOptions } from './options.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { AnswerRequest } from './answer-request.ts'
import { select } from './selection.ts'
import { Serving } from './serving.ts'

/**
 * An ordered list of tiers that is itself a language model: the first tier that answers serves, and the answer says who
 * that was (`providerMetadata.holdfast`, a {@link Provenance}; from the commit on also in `response.headers`).
 *
 * - `doStream` resolves at the commit of some tier. What failed attempts had said is thrown away: a reader sees exactly
 *   one tier's answer, or the beginning of one followed by an `error` part and a finish with reason `error`.
 * - `doGenerate` does the same and commits only to a whole answer, so any failure of a tier stays invisible.
 * - Tool calls are let out only with the finish of their answer.
 * - Both throw {@link AllTiersFailedError} when no tier could answer, and the caller's own reason when it gave up.
 *
 * One list may serve any number of requests at once; nothing is kept between them.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong.
 * @example
 * ```ts
 * import { offlineTier, tierList } from '@holdfast/ai'
 * import { generateText } from 'ai'
 * import { MockLanguageModelV4 } from 'ai/test'
 *
 * const main = new MockLanguageModelV4({ doStream: () => Promise.reject(new Error('down')) })
 * const desk = tierList({
 *   name: 'desk',
 *   tiers: [
 *     { name: 'main', model: main, hedgeAfterMs: 1_500, safeToRepeat: true, timeoutMs: 15_000 },
 *     { name: 'offline', model: offlineTier({ contact: { name: 'the desk', phone: '+1 555 0100' } }) },
 *   ],
 * })
 * const { text } = await generateText({ model: desk, prompt: 'Good morning' })
 * console.log(text)
 * ```
 */
export function tierList(options: TierListOptions): LanguageModelV4 {
  const plan = planOf(options)
  let supportedUrls: Promise<Record<string, RegExp[]>> | undefined
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: 'holdfast',
    modelId: plan.name,
    get supportedUrls(): Promise<Record<string, RegExp[]>> {
      supportedUrls ??= commonUrls(plan)
      return supportedUrls
    },
    doGenerate: (callOptions: LanguageModelV4CallOptions) => generate(plan, callOptions),
    doStream: (callOptions: LanguageModelV4CallOptions) => stream(plan, callOptions),
  })
}

async function stream(plan: Plan, options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
  const request = new AnswerRequest(plan, options, false)
  const attempt = await select(request)
  options.abortSignal?.throwIfAborted()
  const serving = new Serving(request, attempt)
  options.abortSignal?.throwIfAborted()
  return {
    ...attempt.result,
    response: { ...attempt.result.response, headers: serving.headers() },
    stream: deliver(request, attempt, serving),
  }
}

async function generate(plan: Plan, options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
  const request = new AnswerRequest(plan, options, true)
  const attempt = await select(request)
  options.abortSignal?.throwIfAborted()
  const serving = new Serving(request, attempt)
  options.abortSignal?.throwIfAborted()
  for (const part of attempt.held) serving.note(part)
  const headers = serving.headers()
  const result = collect(attempt.held, serving.end(attempt.finish!))
  return {
    ...result,
    ...(attempt.result.request === undefined ? {} : { request: attempt.result.request }),
    response: { ...result.response, headers },
  }
}

/** A file may stay a URL only if every tier can fetch it. */
async function commonUrls(plan: Plan): Promise<Record<string, RegExp[]>> {
  const [first = {}, ...others] = await Promise.all(plan.tiers.map((tier) => urlsOf(tier.model)))
  const common: Record<string, RegExp[]> = {}
  for (const [mediaType, patterns] of Object.entries(first)) {
    const shared = patterns.filter((pattern) =>
      others.every((other) => other[mediaType]?.some((candidate) => String(candidate) === String(pattern))),
    )
    if (shared.length > 0) common[mediaType] = shared
  }
  return common
}

/** A model that cannot say what it fetches fetches nothing; the other tiers must not suffer from it. */
async function urlsOf(model: LanguageModelV4): Promise<Record<string, RegExp[]>> {
  try {
    return await model.supportedUrls
  } catch {
    return {}
  }
}
