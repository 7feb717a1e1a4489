import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { Handler } from './local-server.ts'

/** A question, with what is not for the wire. */
export const call: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'Where is my private jet?' }] }],
  providerOptions: { holdfast: { requestId: 'r-1' } },
}

/** Answers with server-sent events, as they are written. */
export const events =
  (...written: string[]): Handler =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(written.join(''))

/** Every part of a streamed answer. */
export async function parts(model: LanguageModelV4, options = call): Promise<LanguageModelV4StreamPart[]> {
  const seen: LanguageModelV4StreamPart[] = []
  for await (const part of (await model.doStream(options)).stream) seen.push(part)
  return seen
}

/** The error of a stream, whether it was rejected or came as a part; nothing may follow it. */
export async function streamError(model: LanguageModelV4): Promise<unknown> {
  try {
    const last = (await parts(model)).at(-1)
    return last?.type === 'error' ? last.error : last
  } catch (error) {
    return error
  }
}
