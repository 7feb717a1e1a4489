import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { TierListOptions } from './options.ts'
import { planOf } from './plan.ts'
import { planModel } from './plan-model.ts'

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
  return planModel(planOf(options))
}
