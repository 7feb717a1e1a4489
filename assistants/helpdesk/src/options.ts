import type { AnswerMemory, Commit, Contact } from '@holdfast/ai'
import type { InputRules, OutputRules, RedactionKind } from '@holdfast/ai/guardrails'
import type { IntentTable, TemplateTierOptions } from '@holdfast/ai/replies'
import { HoldfastError } from '@holdfast/core'
import type { HelpdeskTexts } from './texts/texts.ts'

/** What may go to a help desk's models, and come from them. */
export interface HelpdeskGuardrails {
  /** Rules for questions, over the defaults of `@holdfast/ai/guardrails`. */
  readonly input?: InputRules | undefined
  /** Rules for answers. Default: `HELPDESK_CLAIMS` as `claims`, and the defaults of `@holdfast/ai/guardrails`. The instructions are always protected. */
  readonly output?: Omit<OutputRules, 'prompt'> | undefined
  /** What models do not get to see. Default: all kinds there are. */
  readonly redactPrompts?: readonly RedactionKind[] | undefined
  /** What customers do not get to see. Default: all kinds but `email` and `phone`, by which the desk itself is reached. */
  readonly redactAnswers?: readonly RedactionKind[] | undefined
}

/** What a help desk may be told. */
export interface HelpdeskOptions {
  /** The name callers use as `model`. Default: `helpdesk`. */
  readonly name?: string | undefined
  /** Whose help desk it is. Default: the contact's name. */
  readonly company?: string | undefined
  /** The technicians. Default: the `contact` of the configuration. */
  readonly contact?: Contact | undefined
  /** Names of the configured language models that the tier `model` asks, in this order: the next one when one fails, or beside it when it is silent for 1.5 s. Default: the service `llm`. */
  readonly models?: readonly string[] | undefined
  /** Without `models`: a second model of the service `llm`, as its provider calls it. Default: none. */
  readonly secondModel?: string | undefined
  /** What models may tell of the company's systems, word for word. Default: nothing. */
  readonly knowledge?: string | undefined
  /** What models are told besides, and may tell nobody. Default: nothing. */
  readonly instructions?: string | undefined
  readonly guardrails?: HelpdeskGuardrails | undefined
  /**
   * When a model's answer goes out. `complete`: when it is whole, so that one which is blocked, or breaks off, is never seen. `first-output`, or a beginning: sooner, and one which is blocked after that ends with
   * an error. Default: `complete`.
   */
  readonly commit?: Commit | undefined
  /** Where answers are remembered, such as a `createSemanticMemory`. Default: the server's memory. */
  readonly memory?: AnswerMemory | undefined
  /** What customers want, one table a language. Default: `HELPDESK_INTENTS`. */
  readonly intents?: readonly IntentTable[] | undefined
  /** Words in more languages, or others in the place of those that there are, by ISO 639-1. Default: `HELPDESK_TEXTS`, English and Italian. */
  readonly texts?: Readonly<Record<string, HelpdeskTexts>> | undefined
  /** More values for templates, `customer` say. Default: none. */
  readonly context?: TemplateTierOptions['context']
  /** For messages too short to tell their language, by ISO 639-1. One of those in `texts`. Default: `en`. */
  readonly language?: string | undefined
}

/** @returns the texts. @throws HoldfastError INVALID_OPTION. */
export function checkHelpdesk<Texts extends Readonly<Record<string, HelpdeskTexts>>>(
  { models, secondModel, language = 'en' }: HelpdeskOptions,
  texts: Texts,
): Texts {
  if (models?.length === 0) {
    throw invalid('models must be names of configured language models, at least one; it is an empty list.')
  }
  if (models !== undefined && secondModel !== undefined) {
    throw invalid('secondModel must be left out where models are named: it is a model of the service "llm".')
  }
  if (!Object.hasOwn(texts, language)) {
    throw invalid(`language must be one of ${Object.keys(texts).join(', ')}; it is ${JSON.stringify(language)}.`)
  }
  return texts
}

function invalid(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
