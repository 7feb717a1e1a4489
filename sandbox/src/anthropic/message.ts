import type { StreamedReply } from '../http/reply.ts'
import { pieces, speak, type Spoken, type Thought, type ToolCall } from '../llm/spoken.ts'

/** What a message says of itself. */
export interface About {
  readonly id: string
  readonly model: string
  readonly inputTokens: number
}

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const

/** A whole message. */
export function wholeMessage(thought: Thought, about: About, limitTokens: number): unknown {
  const spoken = speak(thought, limitTokens)
  const content =
    thought.kind === 'text'
      ? [{ type: 'text', text: spoken.parts.join('') }]
      : thought.calls.map((call) => ({ ...opened(call), input: JSON.parse(call.arguments) as unknown }))
  return {
    ...head(about),
    content,
    stop_reason: STOP_REASONS[spoken.finishReason],
    usage: usage(about, spoken.tokens),
  }
}

/** The same as server-sent events. */
export function streamedMessage(thought: Thought, about: About, limitTokens: number): StreamedReply {
  const spoken = speak(thought, limitTokens)
  const blocks =
    thought.kind === 'text' ? textBlock(spoken) : thought.calls.flatMap((call, index) => toolBlock(call, index))
  const [first = '', ...rest] = blocks
  return {
    kind: 'streamed',
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    parts: [
      event('message_start', { message: { ...head(about), content: [], stop_reason: null, usage: usage(about, 1) } }),
      first,
      event('ping', {}),
      ...rest,
      event('message_delta', {
        delta: { stop_reason: STOP_REASONS[spoken.finishReason], stop_sequence: null },
        usage: { output_tokens: spoken.tokens },
      }),
      event('message_stop', {}),
    ],
  }
}

/** One event of a stream. */
export function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

function textBlock({ parts }: Spoken): string[] {
  return [
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...parts.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    event('content_block_stop', { index: 0 }),
  ]
}

/** The name comes first, then an empty piece of the input, as the vendor sends one, then the input. */
function toolBlock(call: ToolCall, index: number): string[] {
  return [
    event('content_block_start', { index, content_block: { ...opened(call), input: {} } }),
    ...['', ...pieces(call)].map((piece) =>
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } }),
    ),
    event('content_block_stop', { index }),
  ]
}

function opened({ id, name }: ToolCall): object {
  return { type: 'tool_use', id: id.replace(/^call_/, 'toolu_'), name }
}

function head({ id, model }: About): object {
  return { id, type: 'message', role: 'assistant', model, stop_sequence: null }
}

function usage({ inputTokens }: About, outputTokens: number): object {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: 'standard',
  }
}
