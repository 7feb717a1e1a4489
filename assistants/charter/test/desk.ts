import type { LanguageModelV4, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { createAnswerMemory, modelGuard, provenanceOf } from '@holdfast/ai'
import type { AiEvent, AssistantWrites, Provenance } from '@holdfast/ai'
import { createEvents, createIntegration } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { fakeClock, recordEvents } from '@holdfast/core/testing'
import type { EventRecord, FakeClock } from '@holdfast/core/testing'
import { charterAssistant } from '../src/index.ts'
import type { Outside, Service } from './outside.ts'

/** An answer of the desk, and where it came from. */
export interface Answer {
  readonly text: string
  readonly provenance: Provenance
}

/** Who asks, and in which request and conversation. */
interface Asker {
  readonly tenant?: string
  readonly requestId?: string
  readonly sessionId?: string
}

/** The charter desk on a fake clock. */
export interface Desk {
  readonly clock: FakeClock
  readonly events: EventRecord<AiEvent>
  /** Makes these services unreachable: every call is rejected before it leaves. */
  down(...services: Service[]): void
  ask(question: string | LanguageModelV4Prompt, from?: Asker): Promise<Answer>
}

/** Noon in New York, on a Monday. */
const NOW = Date.parse('2026-11-23T17:00:00Z')

/** Builds one. */
export function startDesk(
  outside: Outside,
  models?: Readonly<Record<string, LanguageModelV4>>,
  writes?: AssistantWrites,
): Desk {
  const clock = fakeClock({ wallTime: NOW })
  const integration = (name: Service): Integration =>
    createIntegration({ name, deadlineMs: 15_000, attemptTimeoutMs: 15_000, retry: { maxRetries: 0 }, clock })
  const integrations = {
    n8n: integration('n8n'),
    llm: integration('llm'),
    apollo: integration('apollo'),
    avinode: integration('avinode'),
  }
  const events = createEvents<AiEvent>()
  const guards = Object.fromEntries(Object.keys(models ?? {}).map((name) => [name, modelGuard(name, { clock })]))
  const desk = charterAssistant(models === undefined ? {} : { models: Object.keys(models) })
  const model = desk.build({
    integration: (name) => integrations[name as Service],
    service: (name) => ({
      url: outside.url(name as Service),
      credentials: { apiKey: 'key', accessToken: 'token' },
      settings: {},
      sandbox: false,
    }),
    model: (name) => ({ name, model: models?.[name] as LanguageModelV4, integration: guards[name] }),
    ...(writes === undefined ? {} : { writeMemory: () => writes }),
    memory: createAnswerMemory({ clock }),
    contact: { name: 'Holdfast Charter', phone: '+1 555 0100' },
    events,
    clock,
    random: () => 0.5,
  })
  return {
    clock,
    events: recordEvents(events),
    down(...services) {
      for (const service of services) integrations[service].circuit.isolate()
      if (services.includes('llm')) for (const guard of Object.values(guards)) guard.circuit.isolate()
    },
    async ask(question, { tenant = 'acme', requestId = 'r-1', sessionId }: Asker = {}) {
      const prompt: LanguageModelV4Prompt =
        typeof question === 'string' ? [{ role: 'user', content: [{ type: 'text', text: question }] }] : question
      const result = await model.doGenerate({
        prompt,
        providerOptions: { holdfast: { tenant, requestId, ...(sessionId === undefined ? {} : { sessionId }) } },
      })
      const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
      const provenance = provenanceOf(result.providerMetadata)
      if (provenance === undefined) throw new Error('the answer does not tell where it came from')
      return { text, provenance }
    },
  }
}
