import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Contact } from '../assistant/definition.ts'
import { requestContext } from '../provenance/request-context.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { sayDuration } from '../provenance/describe.ts'
import { textModel } from '../stream-parts/text-answer.ts'
import type { Trouble } from './troubles.ts'

/** What the offline text is written from. */
export interface OfflineFacts {
  readonly contact: Contact
  readonly troubles: readonly Trouble[]
  /** Whether a tier before this one may have done something, although no answer came of it. */
  readonly mayHaveTakenEffect: boolean
  /** Wall time in ms since the Unix epoch. */
  readonly now: number
}

/** What an offline tier is made of. */
export interface OfflineTierOptions {
  /** The person to turn to. */
  readonly contact: Contact
  /** What does not work now. Default: nothing is said about it. */
  readonly troubles?: () => readonly Trouble[]
  /** Writes the text. Default: English, in short paragraphs. */
  readonly text?: (facts: OfflineFacts, options: LanguageModelV4CallOptions) => string
  readonly clock?: Clock
}

/** Served when even the offline text cannot be written. */
const LAST_WORD =
  'Our assistant cannot answer at the moment. Please try again in a few minutes, or contact us directly: a person will help you.'

const report: TierReport = { servedBy: 'offline', rememberable: false }

/**
 * The last tier: says what is down and since when, how to reach a person, and what to try. It asks nobody and cannot fail:
 * whatever its functions throw, a last word is served. Only a caller that has already given up gets its own reason back.
 */
export function offlineTier(options: OfflineTierOptions): LanguageModelV4 {
  const write = (call: LanguageModelV4CallOptions): string => {
    return compose(options, call)
  }
  return textModel('offline', (call) => ({ text: write(call), report }))
}

function compose(options: OfflineTierOptions, call: LanguageModelV4CallOptions): string {
  let troubles: readonly Trouble[] = []
  try {
    troubles = options.troubles?.() ?? []
  } catch {
    // Then the text says nothing about causes; the contact is what matters.
  }
  try {
    const now = (options.clock ?? systemClock).wallTime()
    const { priorAttempts = [] } = requestContext(call)
    const mayHaveTakenEffect = priorAttempts.some((attempt) => attempt.mayHaveTakenEffect === true)
    const facts = { contact: options.contact, troubles, mayHaveTakenEffect, now }
    const text: unknown = (options.text ?? offlineText)(facts, call)
    if (typeof text === 'string' && text.trim() !== '') return text
  } catch {
    // The last word below.
  }
  try {
    return `${LAST_WORD} ${sayContact(options.contact)}`.trim()
  } catch {
    return LAST_WORD
  }
}

/** The default text of {@link offlineTier}, in English. */
export function offlineText({ contact, troubles, mayHaveTakenEffect, now }: OfflineFacts): string {
  const down = troubles.map(({ title, since }) =>
    since === undefined ? title : `${title} (for ${sayDuration(Math.max(0, now - since))})`,
  )
  return [
    `I am sorry, I cannot answer at the moment.${down.length === 0 ? '' : ` Not reachable right now: ${down.join(', ')}.`}`,
    mayHaveTakenEffect
      ? 'If you asked for something to be booked or sent, it may have gone through: please ask us first.'
      : '',
    sayContact(contact),
    'What you can try: ask again in a few minutes; lost connections are tried again all the time.',
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

function sayContact({ name, phone, email, hours }: Contact): string {
  const ways = [phone === undefined ? '' : `call ${phone}`, email === undefined ? '' : `write to ${email}`]
  const how = ways.filter((way) => way !== '').join(' or ')
  return `To reach a person: ${name}${how === '' ? '' : `, ${how}`}${hours === undefined ? '' : ` (${hours})`}.`
}
