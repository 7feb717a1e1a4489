import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { createAnswerMemory } from '@holdfast/ai'
import { describe, expect, it } from 'vitest'
import { conversationReader } from './conversation.ts'
import { charterMemory } from './memory.ts'

const QUESTION = 'Four people from Teterboro to Miami on 4 December 2026'
const answer = { text: 'Three jets.', tier: 'n8n', servedBy: 'n8n', at: 0 }

/** A conversation in which the user and the desk speak in turn. */
function conversation(...turns: string[]): LanguageModelV4CallOptions {
  return {
    prompt: turns.map((text, index) => ({
      role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: [{ type: 'text' as const, text }],
    })),
  }
}

function deskMemory() {
  const now = Date.parse('2026-11-23T15:00:00Z')
  const conversations = conversationReader({ timeZone: 'America/New_York', wallTime: () => now })
  return charterMemory(createAnswerMemory(), conversations)
}

describe('the memory of the desk', () => {
  it('knows a question that says all by itself, wherever in a conversation it is asked', () => {
    const memory = deskMemory()
    memory.remember('charter', conversation(QUESTION), answer)
    expect(memory.recall('charter', conversation(QUESTION, 'Three jets.', QUESTION))?.text).toBe('Three jets.')
    expect(memory.recall('charter', conversation('hello', 'Good day!', QUESTION))?.text).toBe('Three jets.')
  })

  it('keeps a follow-up apart from the same words after another question or answer', () => {
    const memory = deskMemory()
    memory.remember('charter', conversation(QUESTION, 'Three jets.', 'and on Sunday?'), answer)
    const other = 'Four people from Boston to Aspen on 4 December 2026'
    expect(memory.recall('charter', conversation(other, 'Two jets.', 'and on Sunday?'))).toBeUndefined()
    expect(memory.recall('charter', conversation('and on Sunday?'))).toBeUndefined()
    expect(memory.recall('charter', conversation(QUESTION, 'Three jets.', 'and on Sunday?'))?.text).toBe('Three jets.')
    expect(memory.recall('charter', conversation(QUESTION, 'None.', 'and on Sunday?'))).toBeUndefined()
  })

  it('does not take a question for the same when the earlier turns change what it means', () => {
    const memory = deskMemory()
    memory.remember('charter', conversation('From Boston to Aspen on 4 December 2026 for four'), answer)
    const asked = conversation('Heavy jets only, please', 'Noted.', 'From Boston to Aspen on 4 December 2026')
    expect(memory.recall('charter', asked)).toBeUndefined()
  })

  it('does not remember a question that changes something', () => {
    const memory = deskMemory()
    const wish = conversation('Request a quote for Teterboro to Miami on 4 December 2026 for four people')
    memory.remember('charter', wish, answer)
    expect(memory.recall('charter', wish)).toBeUndefined()
  })
})
