import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { Clock } from '@holdfast/core'
import { MockLanguageModelV4 } from 'ai/test'

/** One thing a scripted model does. `hang` waits until it is aborted or cancelled, `throw` breaks the stream. */
export type Step = LanguageModelV4StreamPart | { readonly wait: number } | { readonly throw: unknown } | 'hang'

/** A script: what `doStream` does before it resolves, and what the stream does then. `close` is implied at its end. */
export interface Script {
  /** Time until `doStream` resolves or rejects, in ms; `hang` for never. */
  readonly connect?: number | 'hang'
  readonly reject?: unknown
  readonly steps?: readonly Step[]
}

/** What became of one call. */
export interface Call {
  readonly options: LanguageModelV4CallOptions
  /** Parts that were pulled out of it. */
  pulled: number
  /** The reason its stream was cancelled with. */
  cancelled: unknown
  /** Whether it has come to its own end: closed, thrown, rejected, aborted or cancelled. */
  ended: boolean
}

export interface ScriptedModel extends MockLanguageModelV4 {
  readonly calls: Call[]
}

/** A model that plays a script on a clock; with several scripts, one after another, and the last one for ever. */
export function scripted(clock: Clock, scripts: Script | readonly Script[], modelId = 'scripted'): ScriptedModel {
  const list = Array.isArray(scripts) ? (scripts as readonly Script[]) : [scripts as Script]
  const calls: Call[] = []
  const model = new MockLanguageModelV4({
    modelId,
    provider: 'test',
    doStream: async (options) => {
      const script = list[Math.min(calls.length, list.length - 1)]!
      const call: Call = { options, pulled: 0, cancelled: undefined, ended: false }
      calls.push(call)
      const end = (): void => {
        call.ended = true
      }
      options.abortSignal?.addEventListener('abort', end)
      if (script.connect === 'hang') await untilAborted(options.abortSignal)
      else if (script.connect !== undefined) await clock.sleep(script.connect, options.abortSignal)
      if ('reject' in script) {
        end()
        throw script.reject
      }
      return { stream: play(clock, script.steps ?? [], call, options.abortSignal) }
    },
  })
  return Object.assign(model, { calls })
}

function play(
  clock: Clock,
  steps: readonly Step[],
  call: Call,
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  let index = 0
  const left = new AbortController()
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        for (;;) {
          const step = steps[index]
          index += 1
          if (step === undefined) {
            call.ended = true
            controller.close()
            return
          }
          if (step === 'hang') await untilAborted(signal, left.signal)
          else if ('wait' in step) await clock.sleep(step.wait, signal)
          else if ('throw' in step) {
            call.ended = true
            throw step.throw
          } else {
            call.pulled += 1
            controller.enqueue(step)
            return
          }
        }
      },
      cancel(reason) {
        call.cancelled = reason
        call.ended = true
        left.abort()
      },
    },
    { highWaterMark: 0 },
  )
}

function untilAborted(...signals: (AbortSignal | undefined)[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of signals) {
      if (signal?.aborted === true) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason))
    }
  })
}

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 10, text: 10, reasoning: undefined },
}

export const start: LanguageModelV4StreamPart = { type: 'stream-start', warnings: [] }
export const metadata: LanguageModelV4StreamPart = { type: 'response-metadata', id: 'id-1', modelId: 'gpt-real' }
export const open: LanguageModelV4StreamPart = { type: 'text-start', id: 't' }
export const shut: LanguageModelV4StreamPart = { type: 'text-end', id: 't' }

export function say(delta: string): LanguageModelV4StreamPart {
  return { type: 'text-delta', id: 't', delta }
}

export function finish(unified: LanguageModelV4FinishReason['unified'] = 'stop'): LanguageModelV4StreamPart {
  return { type: 'finish', finishReason: { unified, raw: undefined }, usage }
}

export function call(toolName: string, input: unknown, toolCallId = 'call-1'): LanguageModelV4StreamPart[] {
  const text = JSON.stringify(input)
  return [
    { type: 'tool-input-start', id: toolCallId, toolName },
    { type: 'tool-input-delta', id: toolCallId, delta: text },
    { type: 'tool-input-end', id: toolCallId },
    { type: 'tool-call', toolCallId, toolName, input: text },
  ]
}

/** A whole, healthy answer of these pieces of text. */
export function whole(...pieces: string[]): Script {
  return { steps: [start, metadata, open, ...pieces.map(say), shut, finish()] }
}

/** The options of a call that asks one question. */
export function ask(
  question: string | readonly string[] = 'Hello?',
  more: Partial<LanguageModelV4CallOptions> = {},
): LanguageModelV4CallOptions {
  const turns = typeof question === 'string' ? [question] : question
  return { prompt: turns.map((text) => ({ role: 'user', content: [{ type: 'text', text }] })), ...more }
}

/** Reads a stream to its end. */
export async function drain(
  stream: ReadableStream<LanguageModelV4StreamPart>,
): Promise<{ parts: LanguageModelV4StreamPart[]; text: string; types: string[] }> {
  const parts: LanguageModelV4StreamPart[] = []
  for await (const part of stream) parts.push(part)
  const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
  return { parts, text, types: parts.map((part) => part.type) }
}
