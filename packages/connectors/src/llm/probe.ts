import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { llmFailure } from './failures.ts'
import { modelFetch } from './model-fetch.ts'
import { checkOptions } from './options.ts'
import type { LanguageModelOptions } from './options.ts'
import { PROVIDERS } from './providers.ts'
import { saidOutOfTokens } from './said-in-words.ts'

const PROMPT: LanguageModelV4Prompt = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]

/**
 * Asks a model for a single token, to see whether its provider answers, takes the key and knows the model: what a model's list or a health page do
 * not tell. One request, no retries, some ten tokens. An answer without any output counts as one, as a model that thinks has not got to its first word by then.
 * It may wait for as long as the provider does: bring a signal, or call it in an integration.
 *
 * @param signal ends it at once with its own reason.
 * @throws HoldfastError as from a call of {@link languageModel}: category `auth` for a key that is refused, `configuration` for a model or an address that does not exist,
 * `rate-limit`, `network`, and so on; `INVALID_OPTION` for the options.
 */
export async function probeLanguageModel(options: LanguageModelOptions, signal: AbortSignal): Promise<void> {
  const checked = checkOptions(options)
  signal.throwIfAborted()
  try {
    const model = await PROVIDERS[checked.provider].load({ ...checked, fetch: modelFetch(options, checked.name) })
    await model.doGenerate({ prompt: PROMPT, maxOutputTokens: 1, abortSignal: signal })
  } catch (error) {
    if (!signal.aborted && saidOutOfTokens(error)) return
    throw llmFailure(error, checked.name, signal)
  }
}
