import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { HoldfastError, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { createCache } from '@holdfast/core/cache'
import type { Contact } from '../assistant/definition.ts'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import { requestContext } from '../provenance/request-context.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { textModel } from '../stream-parts/text-answer.ts'
import { lastUserText } from '../text/last-user-text.ts'
import { compileTemplates } from './compiled-templates.ts'
import type { ReplyEscape, ReplyValues } from './compiled-templates.ts'
import type { Intents } from './intents/create-intents.ts'
import { REPLY_TEMPLATES } from './texts/templates.ts'
import type { ReplyTemplates } from './texts/templates.ts'

/** What a template tier is made of. */
export interface TemplateTierOptions {
  /** Tells what a message means. */
  readonly intents: Intents
  /** Mustache templates by language and intent. Default: `REPLY_TEMPLATES`. */
  readonly templates?: ReplyTemplates | undefined
  /** Fills `{{contact}}`, `{{phone}}`, `{{email}}` and `{{hours}}`. */
  readonly contact: Contact
  /** Fills `{{company}}`. Default: the contact's name. */
  readonly company?: string | undefined
  /** More values, `customer` say. What it throws is as if it said nothing. Default: none. */
  readonly context?: ((options: LanguageModelV4CallOptions) => ReplyValues) | undefined
  /** How values are put in: `text` as they are, `html` so that they stay text in a page. Default: `text`. */
  readonly escape?: ReplyEscape | undefined
  /** How sure an intent must be. 0 to 1. Default: 0.6. */
  readonly minConfidence?: number | undefined
  /** For messages too short to tell their language, by ISO 639-1. Default: `en`. */
  readonly language?: string | undefined
  /** A greeting is written once for the same values, and again after this time, in ms. 0 to 86,400,000. Default: 300,000 (five minutes). */
  readonly greetingCacheMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** What {@link TemplateTierOptions} fall back to. */
export const TEMPLATE_DEFAULTS: Readonly<{
  escape: ReplyEscape
  minConfidence: number
  language: string
  greetingCacheMs: number
}> = Object.freeze({ escape: 'text', minConfidence: 0.6, language: 'en', greetingCacheMs: 300_000 })

const report: TierReport = { servedBy: 'templates', rememberable: false }
const GREETING = 'greeting'
const MOST_GREETINGS = 1_000

/**
 * A tier that answers what is asked again and again from templates: who, when, where, how much. It asks nobody and takes
 * well under a millisecond.
 *
 * `doGenerate` and `doStream` reject with `NO_TEMPLATE` (category `rejected`, so the tier counts as skipped) when what the
 * user said last has no intent that is sure enough, or none with a template, or when JSON is asked for.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong, or a template cannot be read.
 */
export function templateTier(options: TemplateTierOptions): LanguageModelV4 {
  const { intents, contact, company = contact.name, context } = options
  const escape = options.escape ?? TEMPLATE_DEFAULTS.escape
  if (escape !== 'text' && escape !== 'html') throw invalid('escape', '"text" or "html"', escape)
  const minConfidence = between('minConfidence', options.minConfidence ?? TEMPLATE_DEFAULTS.minConfidence, 0, 1)
  const language = options.language ?? TEMPLATE_DEFAULTS.language
  const templates = compileTemplates(options.templates ?? REPLY_TEMPLATES, escape)
  const fixed: ReplyValues = {
    contact: contact.name,
    company,
    phone: contact.phone,
    email: contact.email,
    hours: contact.hours,
  }
  const greetings = createCache<string>({
    name: 'greetings',
    freshMs: between('greetingCacheMs', options.greetingCacheMs ?? TEMPLATE_DEFAULTS.greetingCacheMs, 0, DAY_MS),
    maxEntries: MOST_GREETINGS,
    clock: options.clock ?? systemClock,
  })

  const greet = (call: LanguageModelV4CallOptions, spoken: string, values: ReplyValues): string => {
    const { tenant = 'default' } = requestContext(call)
    const key = JSON.stringify([tenant, spoken, values])
    const known = greetings.peek(key)
    if (known !== undefined) return known.value
    const text = templates.render(spoken, GREETING, values)
    greetings.set(key, text)
    return text
  }

  const write = (call: LanguageModelV4CallOptions): string => {
    if (call.responseFormat?.type === 'json') throw noTemplate()
    const intent = intents.read(lastUserText(call))
    const spoken = intent.language ?? language
    if (intent.id === undefined || intent.confidence < minConfidence || !templates.has(spoken, intent.id)) {
      throw noTemplate()
    }
    const values = { ...fixed, ...valuesOf(context, call) }
    const text = intent.id === GREETING ? greet(call, spoken, values) : templates.render(spoken, intent.id, values)
    // A template may come to nothing for want of values.
    if (text.trim() === '') throw noTemplate()
    return text
  }

  return textModel('templates', (call) => ({ text: write(call), report }))
}

function valuesOf(context: TemplateTierOptions['context'], call: LanguageModelV4CallOptions): ReplyValues {
  try {
    return context?.(call) ?? {}
  } catch {
    return {}
  }
}

function noTemplate(): HoldfastError {
  return new HoldfastError({
    code: 'NO_TEMPLATE',
    category: 'rejected',
    message: 'There is no template for what was said.',
    retryable: false,
    mayHaveTakenEffect: false,
    stack: false,
  })
}
