import type { LanguageModelV4 } from '@ai-sdk/provider'
import { generateText, isStepCount, jsonSchema, Output, streamText, type TextStreamPart, type ToolSet } from 'ai'
import type { Mode } from './cases.ts'
import { QUESTION, runningTools, SMALL_TALK, tools, TRIP } from './question.ts'
import type { Seen } from './subject.ts'

/** What the AI SDK is asked with. */
interface Asked {
  readonly model: LanguageModelV4
  readonly prompt: string
  readonly maxRetries: number
  readonly abortSignal: AbortSignal
  readonly tools?: ToolSet
  readonly output?: unknown
  readonly stopWhen?: unknown
}

interface Whole {
  readonly text: string
  readonly output: unknown
  readonly toolCalls: readonly { readonly toolName: string; readonly input: unknown }[]
  readonly response: { readonly modelId: string }
}

interface Streamed {
  readonly fullStream: AsyncIterable<TextStreamPart<ToolSet>>
  readonly output: PromiseLike<unknown>
}

/** The AI SDK's own calls, or a library's in their place. */
export interface Calls {
  generateText(asked: Asked): PromiseLike<Whole>
  streamText(asked: Asked): Streamed | PromiseLike<Streamed>
}

// What is asked for decides about their types, and that is only known when they are called.
const AI_SDK: Calls = {
  generateText: (asked) => generateText(asked as never),
  streamText: (asked) => streamText({ ...asked, onError: () => undefined } as never) as Streamed,
}

/** Whose answer it is: the model's name in the reply. */
type Whose = (response: { readonly modelId: string; readonly headers?: Record<string, string> | undefined }) => string

/** Asks a model as users of the AI SDK do. */
export async function askAiSdk(
  model: LanguageModelV4,
  mode: Mode,
  signal: AbortSignal,
  whose: Whose = ({ modelId }) => modelId,
  calls: Calls = AI_SDK,
): Promise<Seen> {
  const ran: string[] = []
  const options: Asked = {
    model,
    prompt: mode.wants === 'text' ? SMALL_TALK : QUESTION,
    maxRetries: 0,
    abortSignal: signal,
    ...(mode.wants === 'tools' ? { tools } : {}),
    ...(mode.wants === 'loop'
      ? { tools: runningTools((input) => ran.push(JSON.stringify(input))), stopWhen: isStepCount(4) }
      : {}),
    ...(mode.wants === 'json' ? { output: Output.object({ schema: jsonSchema(TRIP) }) } : {}),
  }
  const seen = await (mode.streaming ? streamed : whole)(options, mode, whose, calls)
  return mode.wants === 'loop' ? { ...seen, calls: ran } : seen
}

async function whole(options: Asked, mode: Mode, whose: Whose, calls: Calls): Promise<Seen> {
  try {
    const result = await calls.generateText(options)
    const output: unknown = mode.wants === 'json' ? result.output : undefined
    return {
      text: output === undefined ? result.text : JSON.stringify(output),
      calls: result.toolCalls.map((call) => sayCall(call)),
      model: whose(result.response),
      failed: false,
    }
  } catch (error) {
    return { text: '', calls: [], model: undefined, failed: true, reason: String(error) }
  }
}

async function streamed(options: Asked, mode: Mode, whose: Whose, calls: Calls): Promise<Seen> {
  let text = ''
  const made: string[] = []
  let model: string | undefined
  let failed = false
  let reason: unknown
  let mended: unknown
  try {
    const result = await calls.streamText(options)
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') text += part.text
      if (part.type === 'tool-call') made.push(sayCall(part))
      if (part.type === 'custom' && part.kind === 'holdfast.restart') text = ''
      if (part.type === 'finish-step') {
        model = whose(part.response)
        mended = part.providerMetadata?.['holdfast']?.['resumed']
      }
      if (part.type === 'error' || part.type === 'abort') {
        failed = true
        reason = part.type === 'error' ? part.error : 'aborted'
      }
      if (part.type === 'finish' && part.finishReason === 'error') failed = true
    }
    if (!failed && mode.wants === 'json') text = JSON.stringify(await result.output)
  } catch (error) {
    failed = true
    reason = error
  }
  return { text, calls: made, model, failed, reason: String(reason), mended }
}

function sayCall({ toolName, input }: { readonly toolName: string; readonly input: unknown }): string {
  return JSON.stringify([toolName, input])
}
