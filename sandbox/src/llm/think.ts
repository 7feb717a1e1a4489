import { clockTold } from '../brain/clock-told.ts'
import { understand, type Turn, type Understanding } from '../brain/understanding.ts'
import { missingInWords } from '../brain/wording.ts'
import type { Thought } from './spoken.ts'
import { helpDeskAnswer, isHelpDesk } from './help-desk.ts'
import { textOf, type ChatMessage, type ChatRequest } from './request.ts'
import { reportResults } from './report.ts'
import { cutOff, restOf } from './rest.ts'
import { structured, toolCall } from './tools.ts'
import { wordsFor } from './words.ts'

/**
 * Stands in for thought: calls the tool that fits what is asked, asks back for what is missing, refuses what is not the desk's business,
 * and once the tools have answered, says what they found. Where its instructions make it a help desk, it says what helps with computers. Asked for the rest of an answer that was cut off, it gives that. Asked for JSON, it gives what it has read in the question, or words of the facts that stand there.
 */
export async function think(
  chat: ChatRequest,
  { recites = false, ...clock }: { readonly now: Date; readonly timeZone: string; readonly recites?: boolean },
): Promise<Thought> {
  const cut = cutOff(chat)
  if (cut !== undefined) {
    const thought = await think(cut.before, { recites, ...clock })
    return thought.kind === 'text' ? { kind: 'text', text: restOf(thought.text, cut) } : thought
  }
  const lastUser = chat.messages.findLastIndex(({ role }) => role === 'user')
  const told = chat.messages.filter(({ role }) => role === 'system' || role === 'developer').map(textOf)
  if (recites && told.length > 0) return { kind: 'text', text: `I was told: ${told.join(' ')}` }
  const since = chat.messages.slice(lastUser + 1)
  const results = since.filter(({ role }) => role === 'tool')
  const format = chat.response_format?.type === 'text' ? undefined : (chat.response_format ?? undefined)
  if (results.length > 0 && format === undefined) {
    const calls = new Map(since.flatMap(({ tool_calls: made }) => (made ?? []).map((call) => [call.id, call.function])))
    const found = results.map((result) => {
      const call = calls.get(result.tool_call_id ?? '')
      return { tool: call?.name ?? '', asked: call?.arguments ?? '', content: textOf(result) }
    })
    return { kind: 'text', text: reportResults(found) }
  }
  const words = format === undefined || lastUser < 0 ? undefined : wordsFor(textOf(chat.messages[lastUser]!), format)
  if (words !== undefined) return { kind: 'text', text: words }
  const said = chat.messages.flatMap(spoken)
  if (format === undefined && isHelpDesk(told) && lastUser >= 0) {
    return { kind: 'text', text: helpDeskAnswer(textOf(chat.messages[lastUser]!)) }
  }
  const understanding = await understand(said, clockTold(told, clock))
  const call = results.length > 0 ? undefined : toolCall(understanding, chat, lastUser)
  if (format !== undefined && call === undefined) return { kind: 'text', text: structured(understanding, format) }
  const refusal = withoutTools(understanding)
  if (refusal !== undefined) return { kind: 'text', text: refusal }
  if (understanding.missing.length > 0) {
    return { kind: 'text', text: `I can look into that. Please tell me ${missingInWords(understanding.missing)}.` }
  }
  if (call !== undefined) return { kind: 'calls', calls: [call] }
  return {
    kind: 'text',
    text: understanding.readOnly
      ? 'I understand what you need, but I have no way to look that up at the moment.'
      : 'I cannot send that from here right now. One of our people will check it and get back to you.',
  }
}

function withoutTools({ intent }: Understanding): string | undefined {
  switch (intent) {
    case 'greeting':
      return 'Hello! I can find private aircraft for your trip, ask operators for quotes, and look up people and companies. Where would you like to fly?'
    case 'help':
      return 'I search charter aircraft by route, date and passengers, list the fleet, request and read quotes, and find people or companies to contact. Tell me what you need.'
    case 'out-of-scope':
      return 'I can only help with charter flights and the contacts around them, so I have to leave that one. Is there a trip I can look into?'
    case 'misuse':
      return 'I cannot do that. I am happy to help with a charter flight.'
    default:
      return undefined
  }
}

function spoken(message: ChatMessage): Turn[] {
  const text = textOf(message)
  if (text === '' || (message.role !== 'user' && message.role !== 'assistant')) return []
  return [{ role: message.role, text }]
}
