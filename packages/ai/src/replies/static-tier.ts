import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Contact } from '../assistant/definition.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { textModel } from '../stream-parts/text-answer.ts'
import { lastUserText } from '../text/last-user-text.ts'
import { plainValue } from './compiled-templates.ts'
import type { Intent, Intents } from './intents/create-intents.ts'
import { STATIC_REPLIES } from './texts/static-replies.ts'
import type { StaticReplies } from './texts/static-replies.ts'

/** What a static tier is made of. */
export interface StaticTierOptions {
  readonly contact: Contact
  /** Tells which reply fits. Default: nothing does, and `general` is said. */
  readonly intents?: Intents | undefined
  /** Fixed replies by language and intent, instead of or beside those of the package. Default: `STATIC_REPLIES`. */
  readonly replies?: Readonly<Record<string, StaticReplies>> | undefined
  /** How sure an intent must be for a reply of its own. 0 to 1. Default: 0.4. */
  readonly minReplyConfidence?: number | undefined
  /** For messages too short to tell their language, by ISO 639-1. Default: `en`. */
  readonly language?: string | undefined
}

/** What {@link StaticTierOptions} fall back to. */
export const STATIC_DEFAULTS: Readonly<{ minReplyConfidence: number; language: string }> = Object.freeze({
  minReplyConfidence: 0.4,
  language: 'en',
})

const report: TierReport = { servedBy: 'static', rememberable: false }

/**
 * A tier that says a fixed, safe sentence, and how to reach a person. It always answers: if the intents throw, it says
 * the general sentence. Only a caller that has already given up gets its own reason back.
 */
export function staticTier(options: StaticTierOptions): LanguageModelV4 {
  const { minReplyConfidence = STATIC_DEFAULTS.minReplyConfidence, language = STATIC_DEFAULTS.language } = options
  const replies: Readonly<Record<string, StaticReplies>> = { ...STATIC_REPLIES, ...options.replies }
  const general = replies[language] ?? STATIC_REPLIES['en']!

  const write = (call: LanguageModelV4CallOptions): string => {
    const intent = readBy(options.intents, call)
    const spoken =
      intent?.language !== undefined && Object.hasOwn(replies, intent.language) ? intent.language : language
    const ofLanguage = replies[spoken] ?? general
    const isSure = intent !== undefined && intent.confidence >= minReplyConfidence
    const own =
      isSure && intent.id !== undefined && Object.hasOwn(ofLanguage, intent.id) ? ofLanguage[intent.id] : undefined
    return `${own ?? ofLanguage.general}\n\n${sayContact(options.contact, spoken)}`
  }

  return textModel('static', (call) => ({ text: write(call), report }))
}

function readBy(intents: Intents | undefined, call: LanguageModelV4CallOptions): Intent | undefined {
  try {
    return intents?.read(lastUserText(call))
  } catch {
    return undefined
  }
}

function sayContact({ name, phone, email, hours }: Contact, language: string): string {
  const italian = language === 'it'
  const ways = [
    phone === undefined ? '' : `${italian ? 'telefono' : 'call'} ${plainValue(phone)}`,
    email === undefined ? '' : `${italian ? 'mail' : 'write to'} ${plainValue(email)}`,
  ].filter((way) => way !== '')
  const how = ways.length === 0 ? '' : `: ${ways.join(italian ? ' o ' : ' or ')}`
  return `${plainValue(name)}${how}${hours === undefined ? '' : ` (${plainValue(hours)})`}.`
}
