import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { WRITE_WORDS } from './understanding/tables/write-words.ts'
import { understand } from './understanding/index.ts'
import type { Turn, Understanding } from './understanding/index.ts'

/** What a desk knows of its place and time. */
export interface DeskTime {
  /** IANA name: where "tomorrow" is meant, unless the caller says otherwise. */
  readonly timeZone: string
  /** Wall time in ms since the Unix epoch. */
  wallTime(): number
}

/** Reads the conversations of model calls, each once. */
export interface ConversationReader {
  /** What the call asks for. */
  read(call: LanguageModelV4CallOptions): Understanding
  /** Whether nothing in another system can change by answering, even if the rules misread the message. */
  isHarmless(call: LanguageModelV4CallOptions): boolean
  /** The time zone the asker is in. */
  timeZone(call: LanguageModelV4CallOptions): string
  /** The asker's wall time in ms since the Unix epoch. */
  now(call: LanguageModelV4CallOptions): number
}

/** Makes a {@link ConversationReader}. */
export function conversationReader(time: DeskTime): ConversationReader {
  // All tiers of a request get the same prompt object.
  const known = new WeakMap<LanguageModelV4Prompt, Understanding>()
  const reader: ConversationReader = {
    read(call) {
      let understanding = known.get(call.prompt)
      if (understanding === undefined) {
        const options = { now: new Date(reader.now(call)), timeZone: reader.timeZone(call) }
        understanding = understand(turnsOf(call.prompt), options)
        known.set(call.prompt, understanding)
      }
      return understanding
    },
    isHarmless(call) {
      const last = turnsOf(call.prompt).findLast(({ role }) => role === 'user')
      return reader.read(call).readOnly && !WRITE_WORDS.test((last?.text ?? '').toLowerCase())
    },
    timeZone: (call) => zoneOf(call.prompt) ?? time.timeZone,
    now: (call) => dateOf(call.prompt) ?? time.wallTime(),
  }
  return reader
}

/** The text of a prompt's user and assistant messages. */
function turnsOf(prompt: LanguageModelV4Prompt): Turn[] {
  const turns: Turn[] = []
  for (const message of prompt) {
    if (message.role !== 'user' && message.role !== 'assistant') continue
    const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
    if (text.trim() !== '') turns.push({ role: message.role, text })
  }
  return turns
}

/** A caller may say in a system message where the asker is: `Time zone: Europe/Rome`. */
function zoneOf(prompt: LanguageModelV4Prompt): string | undefined {
  for (const message of prompt) {
    if (message.role !== 'system') continue
    const zone = /\btime ?zone\b\W{1,3}(?:is )?([A-Za-z]+(?:\/[A-Za-z_+-]+)+|UTC)/i.exec(message.content)?.[1]
    if (zone !== undefined && isTimeZone(zone)) return zone
  }
  return undefined
}

/** A line such as `Date: 2026-11-23T15:00:00Z`, with a zone or an offset; without one it would be nobody's time. */
const DATE_LINE =
  /^[ \t]*date:[ \t]*(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))[ \t]*$/im

/** A caller may say in a system message when the question is asked. */
function dateOf(prompt: LanguageModelV4Prompt): number | undefined {
  for (const message of prompt) {
    if (message.role !== 'system') continue
    const at = Date.parse(DATE_LINE.exec(message.content)?.[1] ?? '')
    if (!Number.isNaN(at)) return at
  }
  return undefined
}

/** The prompt without the time it was asked at, by which no two questions would be the same. */
export function withoutDate(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  return prompt.flatMap((message) => {
    if (message.role !== 'system' || !DATE_LINE.test(message.content)) return [message]
    const content = message.content.replace(DATE_LINE, '').trim()
    return content === '' ? [] : [{ ...message, content }]
  })
}

/** Whether it is the IANA name of a zone. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}
