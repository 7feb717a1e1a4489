import { ENGLISH_TEXTS } from './en.ts'
import { ITALIAN_TEXTS } from './it.ts'
import type { HelpdeskTexts } from './texts.ts'

/** What the help desk says by itself, by ISO 639-1. */
export const HELPDESK_TEXTS: Readonly<Record<string, HelpdeskTexts>> = Object.freeze({
  en: ENGLISH_TEXTS,
  it: ITALIAN_TEXTS,
})
