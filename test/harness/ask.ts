import type { Desk } from './desk.ts'

/** An answer as a client of the HTTP API sees it. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly tier: string | null
  readonly servedBy: string | null
  readonly ageMs: number | null
  /** The provenance in the body, or at the end of the stream. */
  readonly provenance: Provenance | undefined
  readonly finishReason: string | null
  /** The error in the body, or in the stream. */
  readonly error: { readonly message: string; readonly type?: string; readonly code?: string } | undefined
  readonly headers: Headers
  readonly firstByteMs: number
  readonly durationMs: number
}

/** What the body says about where the answer came from. */
export interface Provenance {
  readonly tier?: string
  readonly servedBy?: string
  readonly ageMs?: number
}

/** One message of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface AskOptions {
  readonly stream?: boolean
  /** Default: `charter`. */
  readonly model?: string
  readonly signal?: AbortSignal
  readonly headers?: Record<string, string>
}

export const QUESTION = 'Four people from Teterboro to Miami on 4 December 2026 please'

/** Asks the charter desk by plain HTTP, so that nothing but the wire is tested. */
export async function ask(
  desk: Desk,
  question: string | readonly Message[] = QUESTION,
  options: AskOptions = {},
): Promise<Answer> {
  const started = performance.now()
  const response = await fetch(`${desk.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({
      model: options.model ?? 'charter',
      stream: options.stream ?? false,
      messages: typeof question === 'string' ? [{ role: 'user', content: question }] : question,
    }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const firstByteMs = performance.now() - started
  const body = await response.text()
  const durationMs = performance.now() - started
  const age = response.headers.get('x-holdfast-age-ms')
  return {
    status: response.status,
    ...(options.stream === true && response.ok ? readStream(body) : readBody(body)),
    tier: response.headers.get('x-holdfast-tier'),
    servedBy: response.headers.get('x-holdfast-served-by'),
    ageMs: age === null ? null : Number(age),
    headers: response.headers,
    firstByteMs,
    durationMs,
  }
}

interface Completion {
  readonly holdfast?: Provenance
  readonly error?: Answer['error']
  readonly choices?: readonly {
    readonly message?: { readonly content?: string }
    readonly delta?: { readonly content?: string }
    readonly finish_reason?: string | null
  }[]
}

type Read = Pick<Answer, 'text' | 'finishReason' | 'error' | 'provenance'>

function readBody(body: string): Read {
  const { choices, error, holdfast: provenance } = JSON.parse(body) as Completion
  const choice = choices?.[0]
  return { text: choice?.message?.content ?? '', finishReason: choice?.finish_reason ?? null, error, provenance }
}

function readStream(body: string): Read {
  let text = ''
  let provenance: Provenance | undefined
  let finishReason: string | null = null
  let error: Answer['error']
  for (const line of body.split('\n')) {
    if (!line.startsWith('data: ') || line === 'data: [DONE]') continue
    const chunk = JSON.parse(line.slice(6)) as Completion
    const choice = chunk.choices?.[0]
    text += choice?.delta?.content ?? ''
    finishReason = choice?.finish_reason ?? finishReason
    error = chunk.error ?? error
    provenance = chunk.holdfast ?? provenance
  }
  return { text, finishReason, error, provenance }
}
