import type { LanguageModelV4 } from '@ai-sdk/provider'
import { failover, guarded } from '@holdfast/ai'
import type { AssistantRuntime, FailoverModel } from '@holdfast/ai'
import { openAICompatibleModel } from '@holdfast/connectors/llm'
import { CHARTER_TIMES } from './times.ts'

type LanguageRuntime = Pick<AssistantRuntime, 'service' | 'integration' | 'events' | 'clock' | 'random'>

/** The model behind the agent: a failover over those that are configured, or the service `llm` alone. */
export function languageModelOf(
  runtime: LanguageRuntime,
  models: readonly FailoverModel[] | undefined,
): LanguageModelV4 {
  if (models === undefined) return single(runtime)
  const { events, clock, random } = runtime
  return failover(models, {
    name: 'charter-llm',
    deadlineMs: CHARTER_TIMES.agentMs,
    hedgeAfterMs: CHARTER_TIMES.modelHedgeAfterMs,
    events,
    clock,
    random,
  })
}

function single(runtime: LanguageRuntime): LanguageModelV4 {
  const { url, credentials, settings } = runtime.service('llm')
  const model = openAICompatibleModel({
    baseUrl: url,
    apiKey: credentials['apiKey'] ?? '',
    model: settings['model'] ?? 'gpt-5-mini',
  })
  // Asking a language model changes nothing; what its tools do is guarded by the tools.
  return guarded(model, runtime.integration('llm'), { idempotent: true })
}
