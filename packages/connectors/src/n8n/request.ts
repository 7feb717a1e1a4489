import { randomUUID } from 'node:crypto'
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt, SharedV4Warning } from '@ai-sdk/provider'

/**
 * The body of a request to the workflow. `chatInput` and `sessionId` are the names that n8n's Chat Trigger uses, so the same body
 * works behind a Chat Trigger and behind a Webhook node.
 */
export interface N8nRequestBody {
  /** The last thing the user said. */
  readonly chatInput: string
  /** The conversation, for the workflow's memory node. */
  readonly sessionId: string
  /** The same as `chatInput`. */
  readonly message: string
  /** The whole conversation as text, oldest first. */
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[]
  readonly tenant: string
  readonly requestId: string
}

/** The request context, read from `providerOptions.holdfast`. */
interface Context {
  readonly requestId?: unknown
  readonly tenant?: unknown
  readonly sessionId?: unknown
}

/** Where a caller gave no request id, one per prompt: attempts of one call share the prompt, and so the idempotency key. */
const requestIds = new WeakMap<LanguageModelV4Prompt, string>()

/** Builds the body from a model call. */
export function requestBody(options: LanguageModelV4CallOptions): N8nRequestBody {
  const context = (options.providerOptions?.['holdfast'] ?? {}) as Context
  const messages = conversation(options.prompt)
  const question = messages.findLast((message) => message.role === 'user')?.content ?? ''
  const requestId = text(context.requestId) ?? ownRequestId(options.prompt)
  return {
    chatInput: question,
    sessionId: text(context.sessionId) ?? requestId,
    message: question,
    messages,
    tenant: text(context.tenant) ?? 'default',
    requestId,
  }
}

/** What was asked for and a workflow cannot do. */
export function unsupported(options: LanguageModelV4CallOptions): SharedV4Warning[] {
  const warnings: SharedV4Warning[] = []
  if (options.tools !== undefined && options.tools.length > 0) warnings.push({ type: 'unsupported', feature: 'tools' })
  if (options.responseFormat?.type === 'json') warnings.push({ type: 'unsupported', feature: 'responseFormat' })
  return warnings
}

function conversation(prompt: LanguageModelV4Prompt): N8nRequestBody['messages'] {
  const messages: { role: 'system' | 'user' | 'assistant'; content: string }[] = []
  for (const message of prompt) {
    if (message.role === 'tool') continue
    const content =
      typeof message.content === 'string'
        ? message.content
        : message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    if (content !== '') messages.push({ role: message.role, content })
  }
  return messages
}

function ownRequestId(prompt: LanguageModelV4Prompt): string {
  const known = requestIds.get(prompt)
  if (known !== undefined) return known
  const made = randomUUID()
  requestIds.set(prompt, made)
  return made
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
