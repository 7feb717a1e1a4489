import type { AiEvent, Budgets, FailoverModel } from '@holdfast/ai'
import { modelGuard } from '@holdfast/ai'
import { languageModel } from '@holdfast/connectors/llm'
import type { Events, Integration } from '@holdfast/core'
import { budgetsOfModel } from '../budgets/model-budgets.ts'
import type { ModelOptions } from '../config/options.ts'

/** A configured language model, ready for a failover. */
export interface GuardedModel extends FailoverModel {
  readonly integration: Integration
}

/** Builds one. The guard is made here, so that it is seen in health and metrics and can be reset as every other is. @throws HoldfastError INVALID_OPTION */
export function createModel(
  name: string,
  options: ModelOptions,
  apiKey: string | undefined,
  events: Events<AiEvent>,
  budgets?: Budgets,
): GuardedModel {
  const { provider, model, baseUrl, apiKeyVariable: _, ...about } = options
  return {
    ...about,
    name,
    model: languageModel({ provider, model, apiKey, baseUrl, name }),
    integration: modelGuard(name, { events }),
    ...(budgets === undefined ? {} : { budgets: budgetsOfModel(budgets, { name, provider }) }),
  }
}
