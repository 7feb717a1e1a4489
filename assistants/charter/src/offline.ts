import { sayAge, sayDuration, troublesOf } from '@holdfast/ai'
import type { Contact, FailoverModel, OfflineFacts, RecalledAnswer, Trouble } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import { phrasesOf } from './rules/phrases/index.ts'

/**
 * The offline answer in a language: what is down and for how long, how to reach a person, what to try, and whether something may have
 * been done all the same.
 */
export function offlineAnswer({ contact, troubles, mayHaveTakenEffect, now }: OfflineFacts, language: string): string {
  const phrases = phrasesOf(language)
  const named = troubles.map(({ name, title, since }) => {
    const known = phrases.services[name as keyof typeof phrases.services] ?? title
    if (since === undefined) return known
    return `${known} (${phrases.lasting(sayDuration(Math.max(0, now - since), phrases.locale))})`
  })
  const down = new Intl.ListFormat(phrases.locale, { type: 'conjunction' }).format(named)
  return [
    named.length === 0 ? phrases.offlineUnknown : phrases.offline(down),
    ...(mayHaveTakenEffect ? [phrases.offlineMayBeDone] : []),
    reach(contact, language),
    phrases.offlineTry,
    ...(mayHaveTakenEffect ? [] : [phrases.offlineNothingDone]),
  ].join('\n\n')
}

/** What is not working, in the order in which the desk needs it. */
export function deskTroubles(integrations: readonly Integration[], models: readonly FailoverModel[] = []): Trouble[] {
  return [...troublesOf(integrations), ...modelTroubles(models)]
}

/** To a customer all language models are one, which is in trouble when none of them is well. */
function modelTroubles(models: readonly FailoverModel[]): Trouble[] {
  const guards = models.flatMap(({ integration }) => integration ?? [])
  const troubles = troublesOf(guards)
  const [first] = troubles
  return first === undefined || troubles.length < guards.length ? [] : [{ ...first, name: 'llm' }]
}

/** Says how old a remembered answer is. */
export function staleNotice(answer: RecalledAnswer, language: string): string {
  const phrases = phrasesOf(language)
  return phrases.stale(sayAge(answer.ageMs, phrases.locale))
}

/** How to reach a person, in a sentence. */
export function reach({ name, phone, email, hours }: Contact, language: string): string {
  const phrases = phrasesOf(language)
  const ways = [
    ...(phone === undefined ? [] : [`${phrases.call} ${phone}`]),
    ...(email === undefined ? [] : [`${phrases.write} ${email}`]),
  ]
  return phrases.contact(name, ways.join(` ${phrases.or} `), hours ?? '')
}
