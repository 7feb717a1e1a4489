import { distance } from 'fastest-levenshtein'
import { allNames } from './gazetteer.ts'
import type { Place } from './gazetteer.ts'

const byLength = new Map<number, [string, Place[]][]>()
for (const [key, places] of allNames()) {
  if (key.length < 4 || places[0]?.kind === 'city') continue
  const list = byLength.get(key.length)
  if (list === undefined) byLength.set(key.length, [[key, places]])
  else list.push([key, places])
}

function sameLetters(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join('') === [...b].sort().join('')
}

/** What a misspelt name may have meant: one edit (or two letters swapped), two (or `most`) in a name of eight letters or more. */
export function nearestName(key: string, most = 2): readonly Place[] | undefined {
  if (key.length < 4) return undefined
  const allowed = key.length >= 8 ? most : 1
  let best: { cost: number; places: Place[] } | undefined
  for (let length = key.length - allowed; length <= key.length + allowed; length += 1) {
    for (const [name, places] of byLength.get(length) ?? []) {
      // People seldom get the first letter wrong; two names a letter apart are told apart by it.
      const swapped = sameLetters(name, key)
      if (name[0] !== key[0] && !(swapped && name[1] === key[0])) continue
      const edits = distance(name, key)
      const cost = (swapped && edits === 2 ? 1 : edits) + (places[0]?.kind === 'metro' ? 0 : 0.5)
      if (cost <= allowed + 0.5 && (cost <= allowed || edits <= allowed) && (best === undefined || cost < best.cost)) {
        best = { cost, places }
      }
    }
  }
  return best?.places
}
