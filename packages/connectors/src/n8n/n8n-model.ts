import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { createHttpClient, headerText } from '../http/index.ts'
import type { HttpReply } from '../http/index.ts'
import { explainStatus } from './failures.ts'
import { N8N_DEFAULTS } from './options.ts'
import type { N8nModelOptions } from './options.ts'
import { readReply } from './read-reply.ts'
import { requestBody, unsupported } from './request.ts'

const FINISH: LanguageModelV4FinishReason = { unified: 'stop', raw: undefined }
const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}
const METADATA = { holdfast: { servedBy: 'n8n' } }
const TEXT_ID = '0'

/**
 * An n8n workflow as a language model. It sends the question to the workflow's webhook and reads the answer in any shape that
 * n8n sends: JSON, text, or a stream. A reply that says success and holds no answer is an error.
 *
 * It makes one request per call and no retries; wrap it with `guarded` of `@holdfast/ai`.
 *
 * @throws HoldfastError `INVALID_OPTION`
 */
export function n8nModel(options: N8nModelOptions): LanguageModelV4 {
  const maxResponseBytes = options.maxResponseBytes ?? N8N_DEFAULTS.maxResponseBytes
  const client = createHttpClient({
    baseUrl: options.webhookUrl,
    service: 'n8n',
    headers: {
      accept: 'application/json, text/event-stream, text/plain',
      ...(options.apiKey === undefined ? {} : { [options.authHeader ?? N8N_DEFAULTS.authHeader]: options.apiKey }),
    },
    connectTimeoutMs: options.connectTimeoutMs ?? N8N_DEFAULTS.connectTimeoutMs,
    maxResponseBytes,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })

  const ask = async (call: LanguageModelV4CallOptions): Promise<{ reply: HttpReply; text: AsyncGenerator<string> }> => {
    const body = requestBody(call)
    const id = headerText(body.requestId)
    const reply = await client.request({
      json: body,
      headers: { 'x-request-id': id, 'idempotency-key': id },
      ...(call.abortSignal === undefined ? {} : { signal: call.abortSignal }),
      explain: explainStatus,
    })
    return { reply, text: readReply(reply.stream(), reply.headers['content-type'] ?? '', options.responseText) }
  }

  const modelId = options.modelId ?? N8N_DEFAULTS.modelId
  return {
    specificationVersion: 'v4',
    provider: 'n8n',
    modelId,
    supportedUrls: {},

    async doGenerate(call) {
      const { reply, text } = await ask(call)
      let answer = ''
      try {
        for await (const piece of text) answer += piece
      } catch (error) {
        throw readError(error, call.abortSignal)
      }
      return {
        content: [{ type: 'text', text: answer }],
        finishReason: FINISH,
        usage: USAGE,
        warnings: unsupported(call),
        providerMetadata: METADATA,
        response: { modelId, headers: publicHeaders(reply) },
      }
    },

    async doStream(call) {
      const { reply, text } = await ask(call)
      let started = false
      const stream = new ReadableStream<LanguageModelV4StreamPart>(
        {
          start(controller) {
            controller.enqueue({ type: 'stream-start', warnings: unsupported(call) })
            controller.enqueue({ type: 'response-metadata', modelId })
          },
          async pull(controller) {
            try {
              const { value, done } = await text.next()
              if (done !== true) {
                if (!started) controller.enqueue({ type: 'text-start', id: TEXT_ID })
                started = true
                controller.enqueue({ type: 'text-delta', id: TEXT_ID, delta: value })
                return
              }
              controller.enqueue({ type: 'text-end', id: TEXT_ID })
              controller.enqueue({ type: 'finish', finishReason: FINISH, usage: USAGE, providerMetadata: METADATA })
              controller.close()
            } catch (error) {
              controller.error(readError(error, call.abortSignal))
            }
          },
          cancel() {
            reply.discard()
          },
        },
        { highWaterMark: 0 },
      )
      return { stream, response: { headers: publicHeaders(reply) } }
    },
  }
}

function readError(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : error
}

function publicHeaders(reply: HttpReply): Record<string, string> {
  const { 'set-cookie': _, ...headers } = reply.headers
  return headers
}
