import { placesNamed } from './gazetteer.ts'
import { findTitles } from './job-titles.ts'
import { findEmails } from './people.ts'
import { fold, nameKey } from './text.ts'

/** A person the desk named. */
export interface NamedPerson {
  readonly name: string
  readonly organisation?: string
}

/** What earlier answers of the desk hold that a follow-up may point at. */
export interface DeskSaid {
  /** The last answer, folded. */
  readonly text: string
  readonly emails: readonly string[]
  readonly people: readonly NamedPerson[]
  readonly requestId?: string
}

/** Before the desk has said anything. */
export const NOTHING_SAID: DeskSaid = { text: '', emails: [], people: [] }

const NAME = "\\p{Lu}[\\p{L}'’-]+(?: (?:van|von|de|di|del|da|la|le|der) )?(?: \\p{Lu}[\\p{L}'’*-]+){1,2}"
const PERSON = new RegExp(
  `(?<![\\p{L}])(${NAME})\\**(?:\\s*\\(([^)]{2,60})\\)|,? (?:[^.;\\n]{2,50}? )?(?:at|of|from|bei|presso|chez|di|de|en|na) (\\p{Lu}[\\p{L}\\d&'-]*(?: (?:\\p{Lu}|&)[\\p{L}\\d&'-]*){0,3}))?`,
  'gu',
)

/** Adds an answer of the desk to what it has said. What it does not name stays as it was. */
export function hear(before: DeskSaid, text: string): DeskSaid {
  const emails = findEmails(text)
  const people = [...text.matchAll(PERSON)].flatMap(([, name = '', brackets, after]) => {
    const organisation = (brackets ?? after)?.split(',').at(-1)?.trim()
    const known = placesNamed(nameKey(name)).length > 0 || findTitles(name).titles.length > 0
    return known || organisation === undefined ? [] : [{ name, organisation }]
  })
  const requestId = /\barfq-\w+/i.exec(text)?.[0] ?? before.requestId
  return {
    text: fold(text),
    emails: emails.length > 0 ? emails : before.emails,
    people: people.length > 0 ? people : before.people,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

const ORDINALS: readonly RegExp[] = [
  /\b(?:first|1st|number one|prim[oa]|erste[nr]?|premiere?|primer[oa]?|primeir[oa])\b/,
  /\b(?:second|2nd|number two|second[oa]|zweite[nr]?|deuxieme|segund[oa])\b/,
  /\b(?:third|3rd|number three|terz[oa]|dritte[nr]?|troisieme|tercer[oa]?|terceir[oa])\b/,
]
const PRONOUN =
  /\b(?:her|him|his|their|them|she|he|that person|this person|lei|lui|suo|sua|ihn|ihm|ihre?|seine?|elle|son|sa|ella|el suyo|su|ela|ele|dela|dele)\b/

/** Which of the people the desk named a message points at: by part of the name, by order, or by a pronoun. */
export function personMeant(folded: string, people: readonly NamedPerson[]): NamedPerson | undefined {
  const named = people.find(({ name }) =>
    nameKey(name)
      .split(' ')
      .some((part) => part.length > 2 && new RegExp(`\\b${part}\\b`).test(folded)),
  )
  if (named !== undefined) return named
  const order = ORDINALS.findIndex((pattern) => pattern.test(folded))
  if (order >= 0) return people[order]
  return people.length === 1 && PRONOUN.test(folded) ? people[0] : undefined
}
