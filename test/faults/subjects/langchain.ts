import { AIMessageChunk, type AIMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { FIRST_OUTPUT_MS, type Mode } from '../cases.ts'
import { QUESTION, SMALL_TALK, TOOL_NAME, TRIP } from '../question.ts'
import type { Endpoint, Pair, Seen, Subject } from '../subject.ts'

const TOOL = {
  type: 'function',
  function: { name: TOOL_NAME, description: 'Finds aircraft.', parameters: TRIP },
} as const
const FORMAT = { type: 'json_schema', json_schema: { name: 'trip', schema: TRIP } } as const

function chat({ baseUrl, apiKey, model }: Endpoint, { wants, streaming }: Mode) {
  const made = new ChatOpenAI({
    model,
    apiKey,
    maxRetries: 0,
    timeout: FIRST_OUTPUT_MS,
    streaming,
    configuration: { baseURL: baseUrl },
    ...(wants === 'json' ? { modelKwargs: { response_format: FORMAT } } : {}),
  })
  return wants === 'tools' ? made.bindTools([TOOL]) : made
}

/** `withFallbacks`, by `invoke` and by `stream`. */
export const langchain: Subject = {
  name: 'LangChain',
  version: '1.4.0',
  // It has no loop of its own.
  has: ({ wants }) => wants !== 'loop',
  pair(first, second): Pair {
    return {
      async ask(mode, signal): Promise<Seen> {
        const model = chat(first, mode).withFallbacks([chat(second, mode)])
        const said = mode.wants === 'text' ? SMALL_TALK : QUESTION
        let message: AIMessage | AIMessageChunk | undefined
        try {
          if (mode.streaming) {
            for await (const chunk of await model.stream(said, { signal })) {
              message = message === undefined ? chunk : (message as AIMessageChunk).concat(chunk)
            }
          } else {
            message = (await model.invoke(said, { signal })) as AIMessage
          }
          return seenOf(message, mode, undefined)
        } catch (error) {
          return seenOf(message, mode, error)
        }
      },
    }
  },
}

function seenOf(message: AIMessage | AIMessageChunk | undefined, mode: Mode, error: unknown): Seen {
  const calls = (message?.tool_calls ?? []).map(({ name, args }) => JSON.stringify([name, args]))
  const text = message?.text ?? ''
  const { model_name: model, finish_reason: reason } = (message?.response_metadata ?? {}) as Record<string, string>
  const isWhole = error === undefined
  return {
    text: isWhole && mode.wants === 'json' ? parsed(text) : text,
    // A call whose end never came is not one, when an error says so.
    calls: isWhole ? calls : [],
    model: model?.replace(/(.+)\1$/, '$1'),
    failed: !isWhole,
    reason: error instanceof Error ? String(error) : (reason ?? ''),
  }
}

function parsed(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
