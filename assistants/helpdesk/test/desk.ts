import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createAnswerMemory, modelGuard, noUsage, provenanceOf } from '@holdfast/ai'
import type { AiEvent, Provenance } from '@holdfast/ai'
import { createEvents } from '@holdfast/core'
import { fakeClock, recordEvents } from '@holdfast/core/testing'
import type { EventRecord, FakeClock } from '@holdfast/core/testing'
import { simulateReadableStream } from 'ai'
import { helpdeskAssistant } from '../src/index.ts'
import type { HelpdeskOptions } from '../src/index.ts'

export const CONTACT = { name: 'Acme Informatica', phone: '+39 02 555 0100', email: 'it@acme.example', hours: '8-18' }

/** What a model says, in pieces, and an error that it breaks off with; or an error at once; or nothing, for ever. */
export type Script = readonly (string | Error)[] | Error | 'hangs'

/** A model that says what it is told to, and keeps what it was asked. */
export interface Speaker {
  readonly model: LanguageModelV4
  readonly calls: LanguageModelV4CallOptions[]
  says: Script | ((call: LanguageModelV4CallOptions) => Script)
}

/** The instructions that a model was given. */
export function instructionsIn({ prompt }: LanguageModelV4CallOptions): string {
  const [first] = prompt
  return first?.role === 'system' ? first.content : ''
}

function speaker(name: string): Speaker {
  const calls: LanguageModelV4CallOptions[] = []
  const told: Speaker = {
    calls,
    says: [`An answer of ${name}.`],
    model: {
      specificationVersion: 'v4',
      provider: 'test',
      modelId: name,
      supportedUrls: {},
      doGenerate: () => Promise.reject(new Error('only streams are asked for')),
      async doStream(call) {
        calls.push(call)
        const said = typeof told.says === 'function' ? told.says(call) : told.says
        if (said instanceof Error) throw said
        if (said === 'hangs') return { stream: new ReadableStream<LanguageModelV4StreamPart>() }
        return { stream: simulateReadableStream({ chunks: partsOf(said) }) }
      },
    },
  }
  return told
}

function partsOf(said: readonly (string | Error)[]): LanguageModelV4StreamPart[] {
  return [
    { type: 'text-start', id: 't' },
    ...said.map((piece): LanguageModelV4StreamPart =>
      piece instanceof Error ? { type: 'error', error: piece } : { type: 'text-delta', id: 't', delta: piece },
    ),
    { type: 'text-end', id: 't' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: noUsage() },
  ]
}

/** An answer of the desk, and where it came from. */
export interface Answer {
  readonly text: string
  /** What a stream brought, piece by piece. */
  readonly pieces: readonly string[]
  readonly provenance: Provenance
}

/** The help desk on a fake clock, with two models. */
export interface Desk {
  readonly clock: FakeClock
  readonly events: EventRecord<AiEvent>
  readonly first: Speaker
  readonly second: Speaker
  /** Both fail from now on. */
  down(): void
  ask(question: string, tenant?: string): Promise<Answer>
  /** What guardrails decided: direction, rule, action, kind. */
  decisions(): unknown[]
}

export function startDesk(options: HelpdeskOptions = {}): Desk {
  const clock = fakeClock({ wallTime: Date.parse('2026-11-23T17:00:00Z') })
  const events = createEvents<AiEvent>()
  const record = recordEvents(events)
  const speakers = { first: speaker('first'), second: speaker('second') }
  const missing = (): never => {
    throw new Error('it is not asked for')
  }
  const model = helpdeskAssistant({ models: ['first', 'second'], ...options }).build({
    integration: missing,
    service: missing,
    model: (name) => ({
      name,
      model: speakers[name as 'first'].model,
      integration: modelGuard(name, { clock }),
    }),
    memory: createAnswerMemory({ clock }),
    contact: CONTACT,
    events,
    clock,
    random: () => 0.5,
  })
  return {
    clock,
    events: record,
    ...speakers,
    down() {
      speakers.first.says = new Error('down')
      speakers.second.says = new Error('down')
    },
    async ask(question, tenant = 'acme') {
      const prompt: LanguageModelV4CallOptions['prompt'] = [
        { role: 'user', content: [{ type: 'text', text: question }] },
      ]
      const { stream } = await model.doStream({ prompt, providerOptions: { holdfast: { tenant, requestId: 'r-1' } } })
      const pieces: string[] = []
      let provenance: Provenance | undefined
      for await (const part of stream) {
        if (part.type === 'text-delta') pieces.push(part.delta)
        if (part.type === 'finish') provenance = provenanceOf(part.providerMetadata)
        if (part.type === 'error') throw part.error
      }
      if (provenance === undefined) throw new Error('the answer does not tell where it came from')
      return { text: pieces.join(''), pieces, provenance }
    },
    decisions: () =>
      record.all.flatMap((event) =>
        event.type === 'guardrail-decided'
          ? [[event.direction, event.rule, event.action, ...(event.kind === undefined ? [] : [event.kind])]]
          : [],
      ),
  }
}
