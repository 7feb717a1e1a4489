import { CHARTER_SIGNS, MISUSE, OTHER_BUSINESS } from './tables/boundaries.ts'
import { GREETING, HELP, SIGNS } from './tables/intents.ts'
import type { Intent } from './types.ts'

/** Whether a folded text tries to misuse the desk. */
export function isMisuse(folded: string): boolean {
  return MISUSE.some((pattern) => pattern.test(folded))
}

/** Whether a folded text is about something other than charter flights and their customers. */
export function isOtherBusiness(folded: string): boolean {
  return OTHER_BUSINESS.some((pattern) => pattern.test(folded)) && !CHARTER_SIGNS.test(folded)
}

/** Whether a folded text only greets, thanks or says goodbye. */
export function isGreeting(folded: string): boolean {
  return folded.trim() !== '' && GREETING.test(folded)
}

/** Whether a folded text asks what the desk can do. */
export function asksForHelp(folded: string): boolean {
  return HELP.test(folded)
}

/** The intent a folded text speaks for most, with the weight of its signs; undefined when there is none. */
export function strongestIntent(folded: string): { intent: Intent; weight: number } | undefined {
  const weights = new Map<Intent, number>()
  for (const { intent, weight, pattern } of SIGNS) {
    if (pattern.test(folded)) weights.set(intent, (weights.get(intent) ?? 0) + weight)
  }
  const [first] = [...weights].sort((a, b) => b[1] - a[1])
  return first === undefined ? undefined : { intent: first[0], weight: first[1] }
}
