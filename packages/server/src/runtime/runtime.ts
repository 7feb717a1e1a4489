import type { DeskRuntime } from '@holdfast/agents/desks'
import type { AiEvent, AnswerMemory, AssistantRuntime, Budgets } from '@holdfast/ai'
import { createAnswerMemory, createBudgets } from '@holdfast/ai'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { createEvents, createIntegration, HoldfastError, systemClock } from '@holdfast/core'
import { ConfigError } from '../config/check.ts'
import { CONFIG_FILE } from '../config/load.ts'
import type { HoldfastConfig } from '../config/options.ts'
import { writesAt } from '../connect/writes-at.ts'
import type { Environment } from '../environment/environment.ts'
import type { Services } from '../environment/services.ts'
import type { RunningAssistant } from '../http/context.ts'
import { createModel } from './models.ts'

/** What the configuration describes, built and ready to answer. */
export interface Runtime {
  readonly events: Events<AiEvent>
  readonly integrations: readonly Integration[]
  readonly assistants: ReadonlyMap<string, RunningAssistant>
  readonly memory: AnswerMemory
  /** The accounts of all assistants; undefined where nothing is limited. */
  readonly budgets: Budgets | undefined
  /** What desks are built with, but for the store. */
  readonly desk: Omit<DeskRuntime, 'store' | 'tools'>
}

/**
 * Builds integrations, models, memory and assistants.
 * @param writes where assistants remember what they write. Default: in this process.
 * @throws ConfigError for a combination of policies that an integration or an assistant refuses.
 */
export function createRuntime(
  config: HoldfastConfig,
  { services, modelKeys }: Pick<Environment, 'services' | 'modelKeys'>,
  writes?: WriteMemory,
): Runtime {
  const events = createEvents<AiEvent>()
  const integrations = new Map(
    Object.entries(config.integrations).map(([name, policies]) => [
      name,
      refusedAs(`integrations.${name}`, () =>
        createIntegration({ ...policies, name, events: events as Events<CoreEvent> }),
      ),
    ]),
  )
  const budgets = createConfiguredBudgets(config.budgets, events)
  const models = new Map(
    Object.entries(config.models ?? {}).map(([name, options]) => [
      name,
      refusedAs(`models.${name}`, () => createModel(name, options, modelKeys[name], events, budgets)),
    ]),
  )
  const memory = createAnswerMemory({ ...config.memory, clock: systemClock })
  const runtime: AssistantRuntime = {
    integration(name) {
      return integrations.get(name) ?? missing('integration', name)
    },
    service(name) {
      return services[name as keyof Services] ?? missing('service', name)
    },
    model(name) {
      return models.get(name) ?? missing('model', name)
    },
    ...(writes === undefined ? {} : { writeMemory: (name: string) => writesAt(writes, runtime.service(name)) }),
    memory,
    contact: config.contact,
    events,
    clock: systemClock,
    random: Math.random,
  }
  const assistants = new Map(
    config.assistants.map((definition, index) => [
      definition.name,
      refusedAs(`assistants[${index}]`, () => ({ definition, model: definition.build(runtime) })),
    ]),
  )
  const guards = [...models.values()].map(({ integration }) => integration)
  return { events, integrations: [...integrations.values(), ...guards], assistants, memory, budgets, desk: runtime }
}

function createConfiguredBudgets(options: HoldfastConfig['budgets'], events: Events<AiEvent>): Budgets | undefined {
  if (options === undefined) return undefined
  const limits = Object.entries(options.limits).map(([name, limit]) => ({ ...limit, name }))
  return refusedAs('budgets', () => createBudgets({ ...options, limits, events, clock: systemClock }))
}

function missing(what: string, name: string): never {
  throw new HoldfastError({
    code: 'NOT_CONFIGURED',
    category: 'configuration',
    message: `There is no ${what} named "${name}" in the configuration.`,
    retryable: false,
  })
}

function refusedAs<T>(path: string, build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (!HoldfastError.isInstance(error)) throw error
    throw new ConfigError(CONFIG_FILE, [{ path, line: undefined, message: error.message }])
  }
}
