import type { Provenance } from '@holdfast/ai'
import { describeProvenance } from '@holdfast/ai'

/**
 * Where an answer came from, in words for a customer; empty when there was no answer to tell it of.
 *
 * @param acceptLanguage The header of that name; its first language is taken.
 */
export function noticeOf(provenance: Provenance | undefined, acceptLanguage: string | undefined): string {
  if (provenance === undefined) return ''
  const language = /^\s*([a-z]{2})\b/i.exec(acceptLanguage ?? '')?.[1]?.toLowerCase()
  return describeProvenance(provenance, language === undefined ? {} : { language })
}
