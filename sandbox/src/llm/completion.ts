import type { StreamedReply } from '../http/reply.ts'
import { pieces, speak, type Spoken, type Thought, type ToolCall } from './spoken.ts'

/** What every chunk and every completion repeats. */
export interface About {
  readonly id: string
  readonly created: number
  readonly model: string
  readonly promptTokens: number
}

/** A whole chat completion. */
export function completion(thought: Thought, about: About, limitTokens: number): unknown {
  const spoken = speak(thought, limitTokens)
  const message =
    thought.kind === 'text'
      ? { role: 'assistant', content: spoken.parts.join(''), refusal: null, annotations: [] }
      : { role: 'assistant', content: null, tool_calls: thought.calls.map(wireCall), refusal: null, annotations: [] }
  return {
    id: about.id,
    object: 'chat.completion',
    created: about.created,
    model: about.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: spoken.finishReason }],
    usage: usage(about, spoken),
    service_tier: 'default',
    system_fingerprint: 'fp_sandbox',
  }
}

/** The same as server-sent events. */
export function stream(thought: Thought, about: About, limitTokens: number, includeUsage: boolean): StreamedReply {
  const spoken = speak(thought, limitTokens)
  const event = (choices: readonly unknown[], used: unknown = null): string => {
    const chunk = {
      id: about.id,
      object: 'chat.completion.chunk',
      created: about.created,
      model: about.model,
      service_tier: 'default',
      system_fingerprint: 'fp_sandbox',
      choices,
      ...(includeUsage ? { usage: used } : {}),
    }
    return `data: ${JSON.stringify(chunk)}\n\n`
  }
  const delta = (content: unknown, finishReason: string | null = null): string =>
    event([{ index: 0, delta: content, logprobs: null, finish_reason: finishReason }])
  const parts =
    thought.kind === 'text'
      ? [delta({ role: 'assistant', content: '', refusal: null }), ...spoken.parts.map((content) => delta({ content }))]
      : thought.calls.flatMap((call, index) => callDeltas(call, index).map((content) => delta(content)))
  return {
    kind: 'streamed',
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    parts: [
      ...parts,
      delta({}, spoken.finishReason),
      ...(includeUsage ? [event([], usage(about, spoken))] : []),
      'data: [DONE]\n\n',
    ],
  }
}

/** The name comes first, then the arguments a few characters at a time. */
function callDeltas(call: ToolCall, index: number): unknown[] {
  const opening = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
  return [
    { ...(index === 0 ? { role: 'assistant', content: null } : {}), tool_calls: [opening] },
    ...pieces(call).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]
}

function wireCall(call: ToolCall): unknown {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}

function usage(about: About, { tokens }: Spoken): unknown {
  return {
    prompt_tokens: about.promptTokens,
    completion_tokens: tokens,
    total_tokens: about.promptTokens + tokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}
