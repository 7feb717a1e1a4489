import { plainText, readAnswer } from './answer.ts'
import { beginsStream, createChunkReader, parseChunk } from './chunks.ts'
import type { ChunkReader } from './chunks.ts'
import { incomplete, unusable, workflowFailed } from './failures.ts'

/** How a reply came: whole, as n8n's lines of JSON, or as server-sent events that a Respond node or a proxy made. */
type Mode = 'undecided' | 'whole' | 'lines' | 'events'

/**
 * Reads a reply of any kind and yields its text in pieces that can be shown at once.
 * @throws HoldfastError as soon as the reply turns out to be unusable.
 */
export async function* readReply(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  responseText?: (json: unknown) => string | undefined,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder()
  const lines = createChunkReader()
  const events = createEventReader()
  let mode: Mode = contentType.startsWith('text/event-stream') ? 'events' : 'undecided'
  let rest = ''
  let shown = ''

  const show = function* (text: string): Generator<string, void, void> {
    if (text === '') return
    if (text.includes('\0')) throw unusable('BINARY_REPLY', 'with binary data')
    // Up to its first visible character nothing is known about the answer; a web page would show here.
    const first = shown.trim() === ''
    shown += text
    if (shown.trim() === '') return
    yield first ? plainText(shown) : text
  }
  const take = function* (line: string): Generator<string, void, void> {
    if (mode === 'events') return yield* show(events.line(line))
    if (line.trim() === '') return
    const chunk = parseChunk(line.trim())
    if (chunk === undefined) throw unusable('MALFORMED_STREAM', 'with a streamed reply in which a line is not JSON')
    yield* show(lines.read(chunk))
  }

  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true })
    if (mode === 'undecided') mode = decide(rest)
    if (mode !== 'lines' && mode !== 'events') continue
    const complete = rest.split('\n')
    rest = complete.pop() ?? ''
    for (const line of complete) yield* take(line.replace(/\r$/, ''))
  }
  rest += decoder.decode()
  if (mode === 'undecided' && beginsStream(parseChunk(rest.trim()))) mode = 'lines'
  if (mode === 'undecided' || mode === 'whole') return yield readAnswer(rest, responseText)

  if (rest.trim() !== '') {
    if (mode === 'lines' && parseChunk(rest.trim()) === undefined) throw incomplete()
    yield* take(rest)
  }
  if (mode === 'events') yield* show(events.line(''))
  const reader: Pick<ChunkReader, 'end'> = mode === 'events' ? events : lines
  reader.end()
  if (shown.trim() === '') throw unusable('EMPTY_REPLY', 'with a streamed reply in which there is no text')
}

/** n8n sends its lines with the content type of plain JSON, so the first line has to tell. */
function decide(text: string): Mode {
  const start = text.trimStart()
  if (start === '') return 'undecided'
  const end = start.indexOf('\n')
  if (end === -1) return /^(\{|d|e)/.test(start) ? 'undecided' : 'whole'
  const line = start.slice(0, end).trim()
  if (/^(data|event):/.test(line)) return 'events'
  return beginsStream(parseChunk(line)) ? 'lines' : 'whole'
}

interface EventReader {
  /** The text that this line completes, which may be none. */
  line(line: string): string
  end(): void
}

/**
 * Reads server-sent events whose data is `[DONE]`, n8n's chunk, OpenAI's chunk, any JSON with an answer in it, or text.
 * Whole is a reply that says so: by `[DONE]`, an `end` chunk, a finish reason, or an event named `done` or `end`.
 */
function createEventReader(): EventReader {
  const chunks = createChunkReader()
  let data: string[] = []
  let name = ''
  let done = false
  let chunked = false

  const dispatch = (): string => {
    const body = data.join('\n')
    const event = name
    data = []
    name = ''
    if (/^(done|end|complete)$/i.test(event)) done = true
    if (body === '') return ''
    if (event === 'error') throw workflowFailed()
    if (body.trim() === '[DONE]') {
      done = true
      return ''
    }
    const chunk = parseChunk(body.trim())
    if (beginsStream(chunk) || (chunked && chunk !== undefined)) {
      chunked = true
      return chunks.read(chunk as NonNullable<typeof chunk>)
    }
    if (!body.trimStart().startsWith('{')) return body
    const openai = openAiDelta(body)
    if (openai === undefined) return readAnswer(body)
    if (openai.finished) done = true
    return openai.text
  }

  return {
    line(line) {
      if (line === '') return dispatch()
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
      else if (line.startsWith('event:')) name = line.slice(6).trim()
      return ''
    },
    end() {
      if (chunked) chunks.end()
      else if (!done) throw incomplete()
    },
  }
}

function openAiDelta(body: string): { text: string; finished: boolean } | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw unusable('MALFORMED_STREAM', 'with a streamed reply in which an event is broken JSON')
  }
  const choices = (value as { choices?: unknown }).choices
  if (!Array.isArray(choices)) return undefined
  const choice = choices[0] as { delta?: { content?: unknown }; finish_reason?: unknown } | undefined
  const text = choice?.delta?.content
  return { text: typeof text === 'string' ? text : '', finished: typeof choice?.finish_reason === 'string' }
}
