import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { defineAssistant, sayAge, staleTier, tierList } from '@holdfast/ai'
import type { AssistantDefinition, AssistantRuntime, Contact, RecalledAnswer } from '@holdfast/ai'
import { lastWord } from '@holdfast/ai/last-word'
import { createIntents, staticTier, templateTier } from '@holdfast/ai/replies'
import type { Intents } from '@holdfast/ai/replies'
import { guardedModel, promptRedactor } from './guardrails.ts'
import { instructions } from './instructions.ts'
import { languageModelOf } from './language-model.ts'
import { redactedMemory } from './memory.ts'
import { checkHelpdesk } from './options.ts'
import type { HelpdeskOptions } from './options.ts'
import { HELPDESK_TEXTS } from './texts/index.ts'
import { HELPDESK_INTENTS } from './texts/intents.ts'
import type { HelpdeskTexts } from './texts/texts.ts'
import { HELPDESK_TIMES } from './times.ts'
import { withInstructions } from './with-instructions.ts'

const EXAMPLES = [
  'The printer next to reception does not print',
  'Il mio computer è lentissimo da stamattina',
  'How do I connect to the VPN from home?',
  'Quando siete aperti?',
] as const

/**
 * The IT help desk: an assistant in English and Italian whose tiers end with words that cannot fail.
 *
 * 1. `model`: language models that stand in for each other, with guardrails around them. What those block the next tier answers.
 * 2. `stale`: what was answered before to the same question, or, where the memory knows such, to a similar one.
 * 3. `template`: what is asked again and again, by intent, from templates.
 * 4. `static`: a fixed reply, and how to reach a person.
 * 5. `last-word`: the same without anything that could break.
 *
 * Emergencies are answered before all of them by the server, where its configuration has `emergency`.
 *
 * @throws HoldfastError INVALID_OPTION when `models` is empty or goes with `secondModel`, or there are no texts in `language`; when the server builds it, for the rest.
 */
export function helpdeskAssistant(options: HelpdeskOptions = {}): AssistantDefinition {
  const texts = checkHelpdesk(options, { ...HELPDESK_TEXTS, ...options.texts })
  let intents: Intents | undefined
  return defineAssistant({
    name: options.name ?? 'helpdesk',
    title: 'IT help desk',
    description: 'Helps with computers, printers, networks, mail and passwords, in English and Italian.',
    integrations: options.models === undefined ? ['llm'] : [],
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.contact === undefined ? {} : { contact: options.contact }),
    examples: EXAMPLES,
    answersAlone: true,
    build(runtime) {
      intents = createIntents({ tables: options.intents ?? HELPDESK_INTENTS, clock: runtime.clock })
      return ladder(runtime, options, intents, texts)
    },
    warmUp() {
      for (const example of EXAMPLES) intents?.read(example)
    },
  })
}

function ladder(
  runtime: AssistantRuntime,
  options: HelpdeskOptions,
  intents: Intents,
  texts: Readonly<Record<string, HelpdeskTexts>>,
): LanguageModelV4 {
  const { clock, events } = runtime
  const { name = 'helpdesk', contact = runtime.contact, language = 'en', context } = options
  const { company = contact.name } = options
  const memory = redactedMemory(options.memory ?? runtime.memory, promptRedactor(options.guardrails))
  const { modelMs, preparedAfterMs, preparedMs: timeoutMs } = HELPDESK_TIMES
  const fitting = { timeoutMs, lastResortAfterMs: preparedAfterMs, remember: false }
  // Not beside a model that may have something better to say.
  const general = { timeoutMs, lastResortAfterMs: modelMs, remember: false }
  return tierList({
    name,
    deadlineMs: HELPDESK_TIMES.deadlineMs,
    memory,
    events,
    clock,
    tiers: [
      {
        name: 'model',
        model: models(runtime, options, { name, company, contact }),
        commit: options.commit ?? 'complete',
        timeoutMs: modelMs,
        hedgeAfterMs: preparedAfterMs,
        // Models here only talk.
        safeToRepeat: true,
      },
      {
        ...fitting,
        name: 'stale',
        model: staleTier({
          memory,
          assistant: name,
          notice: (answer, call) => ageNotice(answer, languageOf(call, intents, texts) ?? language, texts),
        }),
      },
      {
        ...fitting,
        name: 'template',
        model: templateTier({
          intents,
          templates: part(texts, 'templates'),
          contact,
          company,
          context,
          language,
          clock,
        }),
      },
      {
        ...general,
        name: 'static',
        model: staticTier({ intents, replies: part(texts, 'replies'), contact, language }),
      },
      { ...general, name: 'last-word', model: lastWord(contact) },
    ],
  })
}

/** Language models with instructions, behind guardrails. */
function models(
  runtime: AssistantRuntime,
  options: HelpdeskOptions,
  { name, company, contact }: { readonly name: string; readonly company: string; readonly contact: Contact },
): LanguageModelV4 {
  const canary = canaryOf(runtime.random)
  const { knowledge, instructions: more, guardrails = {} } = options
  const told = instructions({ company, contact, canary, knowledge, more })
  const model = withInstructions(languageModelOf(runtime, options), told.text)
  return guardedModel(model, { name, instructions: told, canary }, guardrails, runtime)
}

const CANARY_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

/** A word that nobody says by chance. */
function canaryOf(random: () => number): string {
  const letters = Array.from({ length: 10 }, () => CANARY_LETTERS[Math.floor(random() * CANARY_LETTERS.length)])
  return `HF-${letters.join('')}`
}

/** In which language a question is, if there are texts in it. */
function languageOf(
  { prompt }: LanguageModelV4CallOptions,
  intents: Intents,
  texts: Readonly<Record<string, HelpdeskTexts>>,
): string | undefined {
  const last = prompt.findLast(({ role }) => role === 'user')
  const said = last?.role === 'user' ? last.content.map((piece) => (piece.type === 'text' ? piece.text : '')) : []
  const { language } = intents.read(said.join('\n'))
  return language !== undefined && Object.hasOwn(texts, language) ? language : undefined
}

function ageNotice(
  { ageMs, similarity }: RecalledAnswer,
  language: string,
  texts: Readonly<Record<string, HelpdeskTexts>>,
): string {
  const { remembered, similar } = texts[language]!
  return (similarity === undefined ? remembered : similar).replace('{{age}}', () => sayAge(ageMs, language))
}

function part<Name extends 'templates' | 'replies'>(
  texts: Readonly<Record<string, HelpdeskTexts>>,
  name: Name,
): Readonly<Record<string, HelpdeskTexts[Name]>> {
  return Object.fromEntries(Object.entries(texts).map(([language, words]) => [language, words[name]]))
}
