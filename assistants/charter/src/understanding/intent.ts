import { CHARTER_SIGNS, MISUSE, OTHER_BUSINESS, OTHER_TRAVEL } from './tables/boundaries.ts'
import { COURTESY, GREETING, HELP, SIGNS, WHO_ARE_YOU } from './tables/intents.ts'
import type { Intent } from './types.ts'

/** Whether a folded text tries to misuse the desk. */
export function isMisuse(folded: string): boolean {
  return MISUSE.some((pattern) => pattern.test(folded))
}

/** A text without its sentences about things that are none of a charter desk's business. Folded. */
export interface OwnBusiness {
  /** The sentences that are left; empty when there are none. */
  readonly text: string
  /** Where sentences about other ways to travel stand: their routes are not for us. */
  readonly elsewhere: readonly { readonly start: number; readonly end: number }[]
}

/** Sorts out what is none of a charter desk's business, sentence by sentence. */
export function ownBusiness(folded: string): OwnBusiness {
  const kept: string[] = []
  const elsewhere: { start: number; end: number }[] = []
  for (const match of folded.matchAll(/[^.!?;\n]+(?:\.(?=\S)[^.!?;\n]*)*[.!?;\n]*\s*/g)) {
    const sentence = match[0]
    const charter = CHARTER_SIGNS.test(sentence)
    const travel = !charter && OTHER_TRAVEL.some((pattern) => pattern.test(sentence))
    if (travel) elsewhere.push({ start: match.index, end: match.index + sentence.length })
    else if (charter || !OTHER_BUSINESS.some((pattern) => pattern.test(sentence))) kept.push(sentence)
  }
  return { text: kept.join('').trim(), elsewhere }
}

/** Whether a folded text only greets, thanks or says goodbye. */
export function isGreeting(folded: string): boolean {
  return folded.trim() !== '' && GREETING.test(folded)
}

/** Whether a folded text holds words of courtesy; with nothing else in it, it is a greeting too. */
export function isCourteous(folded: string): boolean {
  return COURTESY.test(folded)
}

/** Whether a folded text asks what the desk can do, or who speaks. */
export function asksForHelp(folded: string): boolean {
  return HELP.test(folded) || WHO_ARE_YOU.test(folded)
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
