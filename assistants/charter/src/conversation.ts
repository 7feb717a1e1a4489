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
}

/** Makes a {@link ConversationReader}. */
export function conversationReader(time: DeskTime): ConversationReader {
  // All tiers of a request get the same prompt object.
  const known = new WeakMap<LanguageModelV4Prompt, Understanding>()
  const reader: ConversationReader = {
    read(call) {
      let understanding = known.get(call.prompt)
      if (understanding === undefined) {
        const options = { now: new Date(time.wallTime()), timeZone: reader.timeZone(call) }
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
  }
  return reader
}

/** The text of a prompt's user and assistant messages. */
export function turnsOf(prompt: LanguageModelV4Prompt): Turn[] {
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

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}
