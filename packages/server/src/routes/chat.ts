import { randomUUID } from 'node:crypto'
import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { Contact, Provenance } from '@holdfast/ai'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AnswerEnd, Question } from '../answer/answer.ts'
import { askStream, askWhole } from '../answer/answer.ts'
import { noticeOf } from '../answer/notice.ts'
import type { Session, Sessions } from '../answer/sessions.ts'
import { createSessions } from '../answer/sessions.ts'
import type { AppContext, RunningAssistant } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'
import { openEventStream } from '../http/event-stream.ts'
import { noAnswer } from './failures.ts'
import { assistantNamed } from './models.ts'

interface ChatMessage {
  readonly assistant: RunningAssistant
  readonly sessionId: string | undefined
  readonly message: string
}

/** One message and everything that is needed to answer it. */
interface ChatTurn {
  readonly context: AppContext
  readonly reply: FastifyReply
  readonly assistant: RunningAssistant
  readonly session: Session
  readonly question: Question
  readonly language: string | undefined
  readonly remember: (text: string) => void
}

/** What `POST /chat` answers with. */
interface ChatReply {
  readonly answer: string
  readonly sessionId: string
  readonly assistant: string
  /** Where the answer came from, in words for a customer. */
  readonly notice: string
  readonly holdfast?: Provenance
}

/**
 * `POST /chat` for web widgets: an answer and status 200 for every well-formed message, whatever is down. With
 * `Accept: text/event-stream` the answer comes piece by piece: events `text`, then one `done`, or one `failed` when it
 * breaks off.
 */
export function chatRoutes(app: FastifyInstance, context: AppContext): Sessions {
  const sessions = createSessions({ ...context.options, clock: context.clock })
  app.post('/chat', async (request, reply) => {
    const caller = context.access.callerOf(request.headers)
    const { assistant, sessionId, message } = readChatMessage(request.body, context)
    const answer = context.answers.begin(() => assistant.isUrgent?.([said('user', message)]))
    const left = (): void => answer.readerLeft()
    reply.raw.once('close', left)
    const session = sessions.open(caller.tenant, assistant.definition.name, sessionId)
    const question: Question = {
      prompt: promptOf(session, message),
      requestId: randomUUID(),
      ...caller,
      sessionId: session.innerId,
      signal: answer.signal,
    }
    const turn: ChatTurn = {
      context,
      reply,
      assistant,
      session,
      question,
      language: request.headers['accept-language'],
      remember: (text) => sessions.add(session, message, text),
    }
    try {
      if (request.headers.accept?.includes('text/event-stream') === true) await streamChat(turn)
      else await reply.send(await wholeChat(turn))
    } finally {
      reply.raw.off('close', left)
      answer.end()
    }
    return reply
  })
  return sessions
}

async function wholeChat(turn: ChatTurn): Promise<ChatReply> {
  const { context, reply, assistant, question, remember } = turn
  try {
    const answer = await askWhole(assistant.model, question)
    remember(answer.text)
    void reply.headers(answer.headers)
    return { answer: answer.text, ...replyEnd(turn, answer) }
  } catch (error) {
    noAnswer(error, question, context)
    void reply.header('x-holdfast-request-id', question.requestId)
    return { answer: lastWord(contactOf(turn)), ...replyEnd(turn, undefined) }
  }
}

async function streamChat(turn: ChatTurn): Promise<void> {
  const { context, reply, assistant, question, remember } = turn
  const answer = await askStream(assistant.model, question).catch((error: unknown) => {
    noAnswer(error, question, context)
    return undefined
  })
  reply.hijack()
  const headers = { ...reply.getHeaders(), 'x-holdfast-request-id': question.requestId, ...answer?.headers }
  const events = openEventStream(reply.raw, headers, context.options)
  if (answer === undefined) {
    await events.send(JSON.stringify({ text: lastWord(contactOf(turn)) }), 'text')
    await events.send(JSON.stringify(replyEnd(turn, undefined)), 'done')
    await events.end()
    return
  }
  let text = ''
  try {
    for await (const part of answer.parts) {
      question.signal.throwIfAborted()
      if (typeof part === 'string') {
        text += part
        await events.send(JSON.stringify({ text: part }), 'text')
      } else {
        remember(text)
        await events.send(JSON.stringify(replyEnd(turn, part)), 'done')
      }
    }
  } catch (error) {
    noAnswer(error, question, context)
    await events.send(JSON.stringify({ message: brokenOffWord(contactOf(turn)) }), 'failed')
  } finally {
    await events.end()
  }
}

function replyEnd({ assistant, session, language }: ChatTurn, end: AnswerEnd | undefined): Omit<ChatReply, 'answer'> {
  return {
    sessionId: session.id,
    assistant: assistant.definition.name,
    notice: noticeOf(end?.provenance, language),
    ...(end?.provenance === undefined ? {} : { holdfast: end.provenance }),
  }
}

function promptOf(session: Session, message: string): LanguageModelV4Prompt {
  return [...session.messages.map(({ role, text }) => said(role, text)), said('user', message)]
}

function said(role: 'user' | 'assistant', text: string): LanguageModelV4Prompt[number] {
  return { role, content: [{ type: 'text', text }] }
}

function readChatMessage(body: unknown, context: AppContext): ChatMessage {
  const invalid = (message: string, param: string): ApiError => new ApiError('invalid_request', { message, param })
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError('invalid_request', { message: 'The body must be a JSON object.' })
  }
  const { assistant, sessionId, message } = body as Record<string, unknown>
  if (typeof assistant !== 'string' || assistant === '')
    throw invalid('`assistant` must name an assistant.', 'assistant')
  if (typeof message !== 'string') throw invalid('`message` must be text.', 'message')
  if (message.trim() === '') throw new ApiError('empty_messages', { message: '`message` is empty.', param: 'message' })
  const hasSession = sessionId !== undefined && sessionId !== null
  if (hasSession && (typeof sessionId !== 'string' || !/^[\w.:-]{1,128}$/.test(sessionId))) {
    throw invalid('`sessionId` must be 1 to 128 letters, digits, or any of . : _ -', 'sessionId')
  }
  return {
    assistant: assistantNamed(context, assistant, 'assistant'),
    sessionId: hasSession ? sessionId : undefined,
    message,
  }
}

function contactOf({ context, assistant }: ChatTurn): Contact {
  return assistant.definition.contact ?? context.contact
}

function lastWord(contact: Contact): string {
  return `We cannot answer here right now. ${reach(contact)}`
}

function brokenOffWord(contact: Contact): string {
  return `The answer broke off before it was whole. Please ask again. ${reach(contact)}`
}

function reach({ name, phone, email, hours }: Contact): string {
  const ways = [phone, email].filter((way) => way !== undefined).join(' or ')
  return `You can reach a person: ${name}, ${ways}${hours === undefined ? '' : ` (${hours})`}.`
}
