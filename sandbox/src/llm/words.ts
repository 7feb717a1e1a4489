import { z } from 'zod'
import type { ChatRequest } from './request.ts'

const letter = z.object({ purpose: z.string(), facts: z.array(z.string()) })
const offers = z.object({ offers: z.array(z.object({ quoteId: z.string(), facts: z.array(z.string()) })).min(1) })

/** Words that somebody asks for as JSON, of facts that he gives as JSON: for a letter, or for offers, one by one. `undefined` for any other question. */
export function wordsFor(question: string, format: NonNullable<ChatRequest['response_format']>): string | undefined {
  const fields = format.json_schema?.schema?.properties
  const wants = (field: string): boolean => fields === undefined || field in fields
  const asked = jsonOf(question)
  const list = offers.safeParse(asked)
  if (wants('reasons') && list.success) {
    const reasons = list.data.offers.map(({ quoteId, facts }) => {
      const said = facts.filter((fact) => /^[a-z\d]/.test(fact)).join(', ')
      return { quoteId, text: said === '' ? 'It fits your trip.' : `It fits your trip: ${said}.` }
    })
    return JSON.stringify({ reasons })
  }
  if (!wants('opening') || !letter.safeParse(asked).success) return undefined
  return JSON.stringify({
    opening: 'Thank you for turning to us with your trip. We have looked into it with care.',
    closing: 'Tell us what you think, and we see to the rest.',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
