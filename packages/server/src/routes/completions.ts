import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AnswerEnd, Question } from '../answer/answer.ts'
import { askStream, askWhole } from '../answer/answer.ts'
import type { AppContext, RunningAssistant } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { openEventStream } from '../http/event-stream.ts'
import { noAnswer } from './failures.ts'
import { assistantNamed } from './models.ts'
import type { CompletionRequest } from './completion-request.ts'
import { readCompletionRequest } from './completion-request.ts'

/** `POST /v1/chat/completions` in OpenAI's wire format. */
export function completionRoutes(app: FastifyInstance, context: AppContext): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const caller = context.access.callerOf(request.headers)
    const asked = readCompletionRequest(request.body)
    const assistant = assistantNamed(context, asked.model)
    const answer = context.answers.begin(() => assistant.isUrgent?.(asked.prompt))
    const left = (): void => answer.readerLeft()
    reply.raw.once('close', left)
    const question: Question = {
      prompt: asked.prompt,
      settings: asked.settings,
      requestId: randomUUID(),
      ...caller,
      signal: answer.signal,
    }
    try {
      if (asked.stream) await streamCompletion(context, reply, assistant, asked, question)
      else await sendCompletion(context, reply, assistant, asked, question)
    } finally {
      reply.raw.off('close', left)
      answer.end()
    }
    return reply
  })
}

async function sendCompletion(
  context: AppContext,
  reply: FastifyReply,
  assistant: RunningAssistant,
  asked: CompletionRequest,
  question: Question,
): Promise<void> {
  const answer = await askWhole(assistant.model, question).catch((error: unknown) => {
    throw noAnswer(error, question, context)
  })
  await reply.headers(answer.headers).send({
    ...envelope(context, asked, question, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, refusal: null },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    ...usageOf(answer),
    ...holdfastOf(answer),
  })
}

async function streamCompletion(
  context: AppContext,
  reply: FastifyReply,
  assistant: RunningAssistant,
  asked: CompletionRequest,
  question: Question,
): Promise<void> {
  const answer = await askStream(assistant.model, question).catch((error: unknown) => {
    throw noAnswer(error, question, context)
  })
  reply.hijack()
  const events = openEventStream(reply.raw, { ...reply.getHeaders(), ...answer.headers }, context.options)
  const head = envelope(context, asked, question, 'chat.completion.chunk')
  const chunk = (choices: readonly unknown[], more: object = {}): Promise<void> =>
    events.send(JSON.stringify({ ...head, choices, ...more }))
  const noUsageYet = asked.includeUsage ? { usage: null } : {}
  const delta = (content: object, reason: string | null, more: object): Promise<void> =>
    chunk([{ index: 0, delta: content, logprobs: null, finish_reason: reason }], more)
  try {
    await delta({ role: 'assistant', content: '', refusal: null }, null, noUsageYet)
    for await (const part of answer.parts) {
      question.signal.throwIfAborted()
      if (typeof part === 'string') {
        await delta({ content: part }, null, noUsageYet)
        continue
      }
      await delta({}, part.finishReason, { ...noUsageYet, ...holdfastOf(part) })
      if (asked.includeUsage && part.usage !== undefined) await chunk([], { ...usageOf(part), ...holdfastOf(part) })
      await events.send('[DONE]')
    }
  } catch (error) {
    // The status is long sent: what is left is to say it in the stream, and never to end as if all were well.
    await events.send(JSON.stringify(brokenOff(error, question, context).toBody()))
  } finally {
    await events.end()
  }
}

function brokenOff(error: unknown, question: Question, context: AppContext): ApiError {
  const { code } = noAnswer(error, question, context)
  return new ApiError(code === 'shutting_down' ? code : 'stream_failed')
}

function envelope(context: AppContext, asked: CompletionRequest, question: Question, object: string): object {
  return {
    id: `chatcmpl-${question.requestId}`,
    object,
    created: Math.floor(context.clock.wallTime() / 1_000),
    model: asked.model,
  }
}

/** Nothing where nobody counted: zeros would be taken for a count. */
function usageOf({ usage }: AnswerEnd): object {
  if (usage === undefined) return {}
  const { inputTokens, outputTokens } = usage
  return {
    usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens },
  }
}

function holdfastOf(end: AnswerEnd): object {
  return end.provenance === undefined ? {} : { holdfast: end.provenance }
}
