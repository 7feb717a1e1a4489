import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { createEvents } from '@holdfast/core'
import { fakeClock, seededRandom } from '@holdfast/core/testing'
import { failover, provenanceOf } from '../../src/index.ts'
import type { AiEvent, FailoverModel, FailoverOptions, Provenance } from '../../src/index.ts'
import { ask, drain, scripted } from '../scripted-model.ts'
import type { Script, ScriptedModel } from '../scripted-model.ts'

type Clock = ReturnType<typeof fakeClock>

export interface Bench {
  readonly clock: Clock
  readonly models: readonly ScriptedModel[]
  readonly model: LanguageModelV4
  readonly events: readonly AiEvent[]
}

export interface Answer {
  readonly text: string
  readonly types: readonly string[]
  readonly finish: unknown
  readonly error: unknown
  readonly provenance: Provenance | undefined
}

/** A failover of scripted models named `a`, `b`, `c`, …, on a fake clock. */
export function bench(
  scripts: readonly (Script | readonly Script[])[],
  options: FailoverOptions = {},
  about: readonly Partial<FailoverModel>[] = [],
): Bench {
  const clock = fakeClock()
  const events: AiEvent[] = []
  const channel = createEvents<AiEvent>()
  channel.on((event) => void events.push(event))
  const models = scripts.map((script, index) => scripted(clock, script, 'abcdefgh'[index]))
  const model = failover(
    models.map((member, index) => ({ name: 'abcdefgh'[index]!, model: member, ...about[index] })),
    { clock, events: channel, random: seededRandom(1), ...options },
  )
  return { clock, models, model, events }
}

/** Asks for a stream and reads it to its end, while time goes on. */
export async function stream(
  { clock, model }: Bench,
  options: LanguageModelV4CallOptions = ask(),
  ms: number = 60_000,
): Promise<Answer> {
  const reading = Promise.resolve(model.doStream(options)).then(({ stream: parts }) => drain(parts))
  reading.catch(() => undefined)
  await clock.advance(ms)
  const { parts, text, types } = await reading
  const finish = parts.find((part) => part.type === 'finish')
  const error = parts.find((part) => part.type === 'error')
  return {
    text,
    types,
    finish: finish?.type === 'finish' ? finish.finishReason.unified : undefined,
    error: error?.type === 'error' ? error.error : undefined,
    provenance: provenanceOf(finish?.type === 'finish' ? finish.providerMetadata : undefined),
  }
}

/** What a promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}

/** An error as the AI SDK makes it of a reply. */
export function apiError(statusCode: number, message = 'no', more: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error(message), {
    name: 'AI_APICallError',
    url: 'https://models.example/v1',
    requestBodyValues: { prompt: 'the customer’s words' },
    statusCode,
    isRetryable: statusCode >= 500,
    ...more,
  })
}
