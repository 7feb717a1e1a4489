import mustache from 'mustache'
import { invalid } from '../errors/invalid-options.ts'
import type { ReplyTemplates } from './texts/templates.ts'

/** What templates are filled from. A missing or empty value counts as absent: `{{#phone}}…{{/phone}}` is left out. */
export type ReplyValues = Readonly<Record<string, string | undefined>>

/** How values are put into a text: as they are, or so that they stay text in HTML. */
export type ReplyEscape = 'text' | 'html'

/** Templates, read once. */
export interface CompiledTemplates {
  has(language: string, intent: string): boolean
  /** @throws Error when there is no such template. */
  render(language: string, intent: string, values: ReplyValues): string
}

/** A value is no text of its own: it says a name or a number. */
const LONGEST_VALUE = 200

/** @throws HoldfastError INVALID_OPTION when a template cannot be read. */
export function compileTemplates(templates: ReplyTemplates, escape: ReplyEscape): CompiledTemplates {
  // A writer of its own, whose cache holds these templates and no others.
  const writer = new mustache.Writer()
  const sources = new Map<string, string>()
  for (const [language, ofLanguage] of Object.entries(templates)) {
    for (const [intent, source] of Object.entries(ofLanguage)) {
      try {
        writer.parse(source)
      } catch (error) {
        const option = `templates.${language}.${intent}`
        throw invalid(option, 'a Mustache template', error instanceof Error ? error.message : error)
      }
      sources.set(`${language}/${intent}`, source)
    }
  }
  const config = { escape: escape === 'html' ? mustache.escape : (value: unknown): string => String(value) }
  return Object.freeze({
    has: (language: string, intent: string): boolean => sources.has(`${language}/${intent}`),
    render(language: string, intent: string, values: ReplyValues): string {
      const source = sources.get(`${language}/${intent}`)
      if (source === undefined) throw new Error('There is no such template.')
      const view: Record<string, string> = Object.create(null) as Record<string, string>
      for (const [name, value] of Object.entries(values)) {
        const plain = plainValue(value)
        if (plain !== '') view[name] = plain
      }
      return writer.render(source, view, undefined, config)
    },
  })
}

/**
 * A value without anything that a client might take for markup or for more than one line: control and invisible characters,
 * angle and square brackets, backticks. What a customer typed into a form must not draw a link or a tag.
 */
export function plainValue(value: unknown): string {
  if (typeof value !== 'string') return ''
  return value
    .slice(0, 4 * LONGEST_VALUE)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\p{Cf}<>[\]`{}|\\]/gu, '')
    .trim()
    .slice(0, LONGEST_VALUE)
}
