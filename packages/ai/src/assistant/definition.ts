import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Clock, Events, Integration, Random } from '@holdfast/core'
import type { AiEvent } from '../events/events.ts'
import type { FailoverModel } from '../failover/options.ts'
import type { AnswerMemory } from '../memory/answer-memory.ts'

/** Where an outside service is, and with what key. */
export interface ServiceAddress {
  /** Base URL without a trailing slash; for n8n the whole webhook URL. */
  readonly url: string
  /** Secrets by name: `apiKey`, `accessToken`. Never logged. */
  readonly credentials: Readonly<Record<string, string>>
  /** Other settings by name, such as the `model` of a language model. */
  readonly settings: Readonly<Record<string, string>>
  /** True while the sandbox stands in for it. */
  readonly sandbox: boolean
}

/** How a customer reaches a person when nothing else works. */
export interface Contact {
  readonly name: string
  readonly phone?: string
  readonly email?: string
  readonly hours?: string
}

/** Makes writes to another system once for each idempotency key, and remembers them: what connectors take as their `writeMemory`. */
export interface AssistantWrites {
  once<T>(
    write: {
      readonly service: string
      readonly key: string
      readonly input: unknown
      readonly signal?: AbortSignal | undefined
    },
    make: () => Promise<T>,
  ): Promise<T>
}

/** What the server gives an assistant to build itself from. */
export interface AssistantRuntime {
  /** The integration of that name from the configuration. @throws when there is none. */
  integration(name: string): Integration
  /** The address of that service. @throws when there is none. */
  service(name: string): ServiceAddress
  /** The language model of that name from the configuration, with its guard and what may be spent on it: what {@link failover} takes. @throws when there is none. */
  model(name: string): FailoverModel
  /** Where writes to that service are remembered across processes and restarts. While that is away they are refused. Default: nowhere, there is no store. @throws when there is no such service. */
  writeMemory?(service: string): AssistantWrites
  readonly memory: AnswerMemory
  readonly contact: Contact
  readonly events: Events<AiEvent>
  readonly clock: Clock
  readonly random: Random
}

/** An assistant that a server can run. */
export interface AssistantDefinition {
  /** The name callers use as `model`. */
  readonly name: string
  /** For people: `Charter desk`. */
  readonly title: string
  readonly description: string
  /** Names of the integrations it needs; each must be configured. */
  readonly integrations: readonly string[]
  /** Names of the language models it uses, in its order; each must be configured. Default: none. */
  readonly models?: readonly string[]
  /** How its customers reach a person, where that is another than the configuration's. */
  readonly contact?: Contact
  /** Whether it has prepared answers of its own for when all that it needs is away: it is then degraded, and not unavailable. Default: false. */
  readonly answersAlone?: boolean
  /** Questions to offer on the chat page. */
  readonly examples?: readonly string[]
  build(runtime: AssistantRuntime): LanguageModelV4
  /**
   * Makes ready what the first question would otherwise wait for: tables, compiled expressions. Called once while the server
   * starts, which waits for it: some hundred ms at most, and no connections. A failure is logged and changes nothing.
   */
  warmUp?(): void | Promise<void>
}

/** Declares an assistant; returns it as it is, typed. */
export function defineAssistant(definition: AssistantDefinition): AssistantDefinition {
  return definition
}
