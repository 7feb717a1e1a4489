import type { LanguageModelV4 } from '@ai-sdk/provider'
import { failover } from '@holdfast/ai'
import type { AssistantRuntime, FailoverModel } from '@holdfast/ai'
import { openAICompatibleModel } from '@holdfast/connectors/llm'
import type { HelpdeskOptions } from './options.ts'
import { HELPDESK_TIMES } from './times.ts'

/** The models of the help desk as one: those that are configured, or those of the service `llm`. */
export function languageModelOf(
  runtime: Pick<AssistantRuntime, 'model' | 'service' | 'integration' | 'events' | 'clock' | 'random'>,
  options: Pick<HelpdeskOptions, 'models' | 'secondModel'>,
): LanguageModelV4 {
  const { events, clock, random } = runtime
  const models = options.models?.map((name) => runtime.model(name)) ?? serviceModels(runtime, options)
  return failover(models, {
    name: 'helpdesk-llm',
    deadlineMs: HELPDESK_TIMES.modelMs,
    firstOutputTimeoutMs: HELPDESK_TIMES.modelMs,
    hedgeAfterMs: HELPDESK_TIMES.nextModelAfterMs,
    onMidStream: 'continue',
    events,
    clock,
    random,
  })
}

/** A second one has a guard of its own: that the first is overloaded says nothing of it. */
function serviceModels(
  runtime: Pick<AssistantRuntime, 'service' | 'integration'>,
  { secondModel }: Pick<HelpdeskOptions, 'secondModel'>,
): FailoverModel[] {
  const { url: baseUrl, credentials, settings } = runtime.service('llm')
  const apiKey = credentials['apiKey'] ?? ''
  const model = (name: string): LanguageModelV4 => openAICompatibleModel({ baseUrl, apiKey, model: name })
  const first = {
    name: 'llm',
    model: model(settings['model'] ?? 'gpt-5-mini'),
    integration: runtime.integration('llm'),
  }
  return secondModel === undefined ? [first] : [first, { name: 'llm-second', model: model(secondModel) }]
}
