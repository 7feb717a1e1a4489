import { sayAge, sayDuration, troublesOf } from '@holdfast/ai'
import type { Contact, OfflineFacts, RecalledAnswer, Trouble } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import { phrasesOf } from './rules/phrases/index.ts'

/** The offline answer in a language: what is down and since when, how to reach a person, what to try. */
export function offlineAnswer({ contact, troubles, now }: OfflineFacts, language: string): string {
  const phrases = phrasesOf(language)
  const names = troubles.map(({ name, title }) => phrases.services[name as keyof typeof phrases.services] ?? title)
  const since = troubles.flatMap((trouble) => trouble.since ?? []).sort((a, b) => a - b)[0]
  const down = new Intl.ListFormat(phrases.locale, { type: 'conjunction' }).format(names)
  return [
    names.length === 0
      ? phrases.offlineUnknown
      : phrases.offline(down, since === undefined ? '' : sayDuration(Math.max(0, now - since), phrases.locale)),
    reach(contact, language),
    phrases.offlineTry,
  ].join('\n\n')
}

/** What is not working, in the order in which the desk needs it. */
export function deskTroubles(integrations: readonly Integration[]): Trouble[] {
  return troublesOf(integrations)
}

/** Says how old a remembered answer is. */
export function staleNotice(answer: RecalledAnswer, language: string): string {
  const phrases = phrasesOf(language)
  return phrases.stale(sayAge(answer.ageMs, phrases.locale))
}

function reach({ name, phone, email, hours }: Contact, language: string): string {
  const phrases = phrasesOf(language)
  const ways = [
    ...(phone === undefined ? [] : [`${phrases.call} ${phone}`]),
    ...(email === undefined ? [] : [`${phrases.write} ${email}`]),
  ]
  return phrases.contact(name, ways.join(` ${phrases.or} `), hours ?? '')
}
