import type { TriageKind, TriageTable } from './table.ts'

/** What a triage is made of. */
export interface TriageOptions {
  /** The languages it reads, by ISO 639-1. Default: those of all tables. */
  readonly languages?: readonly string[] | undefined
  /** The words and weights, one table a language. Default: English and Italian (`TRIAGE_TABLES`). */
  readonly tables?: readonly TriageTable[] | undefined
  /** From this score on a message is an emergency. 1 to 100. Default: 40. */
  readonly threshold?: number | undefined
  /** How much of a message is looked at, in characters; of a longer one the beginning and the end. 100 to 100,000. Default: 4,000. */
  readonly maxChars?: number | undefined
}

/** What {@link TriageOptions} fall back to. */
export const TRIAGE_DEFAULTS: Readonly<{ threshold: number; maxChars: number }> = Object.freeze({
  threshold: 40,
  maxChars: 4_000,
})

/** Something in a message that counted. */
export interface TriageReason {
  /** The id of the phrase: `outage.server`. Never a word of the customer's. */
  readonly id: string
  readonly points: number
  readonly kind: TriageKind
}

/** What a message is. */
export interface Assessment {
  /** 0 to 100. */
  readonly score: number
  readonly isEmergency: boolean
  /** What counted, the weightiest first. */
  readonly reasons: readonly TriageReason[]
  /** What was said and not meant, and why: the id of a cue, or `negation`. */
  readonly ignored: readonly { readonly id: string; readonly by: string }[]
  /** ISO 639-1; missing when the message is too short to tell. */
  readonly language?: string
}

/** Tells emergencies from everything else. */
export interface Triage {
  readonly languages: readonly string[]
  readonly threshold: number
  /** Takes well under a millisecond and asks nobody. */
  assess(message: string): Assessment
}
