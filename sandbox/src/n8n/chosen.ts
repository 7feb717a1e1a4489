import type { Turn } from '../brain/understanding.ts'
import type { Offer } from '../world/charter.ts'

const ORDINALS = ['first', 'second', 'third', 'fourth'] as const

/** One of a list and nothing else: `the first of December` is a day. */
const CHOICE =
  /\b(?:the|your) (first|second|third|fourth|last)(?: (?:one|option|offer|aircraft|jet|plane)| of (?:these|those|them))?(?= *(?:$|[.,;!?]| please\b| for\b))/i

/** The line of the desk's latest list that the asker means, empty when there is no such line; undefined when none is meant. */
export function chosenLine(said: readonly Turn[]): string | undefined {
  const word = CHOICE.exec(said.at(-1)?.text ?? '')?.[1]?.toLowerCase()
  if (word === undefined) return undefined
  const listed = said
    .filter(({ role }) => role === 'assistant')
    .map(({ text }) => text.split('\n').filter((line) => /^\s*(?:[-*]|\d+\.)\s/.test(line)))
    .findLast((lines) => lines.length > 0)
  const at = word === 'last' ? -1 : ORDINALS.findIndex((ordinal) => ordinal === word)
  return listed?.at(at) ?? ''
}

/** The offer that a line tells of: its aircraft and its operator are named there. */
export function offerOf(line: string, offers: readonly Offer[]): Offer | undefined {
  const length = ({ aircraft }: Offer): number => aircraft.type.name.length + aircraft.operator.name.length
  return (
    offers
      .filter(({ aircraft }) => line.includes(aircraft.type.name) && line.includes(aircraft.operator.name))
      // One name may be the beginning of another.
      .toSorted((a, b) => length(b) - length(a))[0]
  )
}
