import { invalid } from '../errors/invalid-options.ts'
import { fold } from '../text/fold.ts'
import { tokenize } from '../text/tokens.ts'
import { compileTable } from './compile.ts'
import { TRIAGE_DEFAULTS } from './options.ts'
import { readWords } from './reading.ts'
import type { TriageTable, TriageWords } from './table.ts'
import { weighable } from './words.ts'

/** A message, and whether it is an emergency. */
export interface TriageExample {
  readonly message: string
  readonly emergency: boolean
}

/** Points to one unit of log-odds: at 20, sixty points are odds of twenty to one. */
const POINTS_PER_UNIT = 20
/** How much a weight may cost: less makes for smaller weights (the C of Fan et al.). */
const FREEDOM = 0.5
const SWEEPS = 60
const LARGEST_STEP = 1
/** Weights below this are left out: so many of them that they would only fill the table. */
const LEAST_POINTS = 2

/**
 * Learns from labelled messages what each word of a language speaks for, by logistic regression (both kinds weighing the same),
 * fitted by coordinate descent: Fan, Chang, Hsieh, Wang and Lin, LIBLINEAR, JMLR 9 (2008). The same examples give the same weights.
 * A few hundred examples of each kind are needed for weights that mean anything, and takes about a second for a thousand.
 *
 * @param table whose reading of words is used: misspellings, pairs. Its own weights are not.
 * @throws HoldfastError INVALID_OPTION when the examples are not of both kinds.
 */
export function learnWords(table: TriageTable, examples: readonly TriageExample[]): TriageWords {
  const emergencies = examples.filter(({ emergency }) => emergency).length
  if (emergencies === 0 || emergencies === examples.length)
    throw invalid('examples', 'emergencies and messages that are none', `${emergencies} of ${examples.length}`)
  const compiled = compileTable(table)
  const labels = examples.map(({ emergency }) => (emergency ? 1 : 0))
  const importance = labels.map(
    (label) => examples.length / (2 * (label === 1 ? emergencies : examples.length - emergencies)),
  )
  const holders = new Map<string, number[]>()
  examples.forEach(({ message }, at) => {
    for (const one of weighable(readWords(tokenize(fold(message, TRIAGE_DEFAULTS.maxChars)), compiled))) {
      const list = holders.get(one)
      if (list === undefined) holders.set(one, [at])
      else list.push(at)
    }
  })
  const margins = examples.map(() => 0)
  const everyone = examples.map((_, at) => at)
  const step = (members: readonly number[], weight: number, decay: number): number => {
    let slope = decay * weight
    let curve = decay + 1e-9
    for (const at of members) {
      const chance = 1 / (1 + Math.exp(-margins[at]!))
      slope += importance[at]! * (chance - labels[at]!)
      curve += importance[at]! * chance * (1 - chance)
    }
    const by = Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, -slope / curve))
    for (const at of members) margins[at]! += by
    return weight + by
  }
  let base = 0
  const weights = new Map([...holders.keys()].sort().map((word) => [word, 0]))
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    base = step(everyone, base, 0)
    for (const [word, weight] of weights) weights.set(word, step(holders.get(word)!, weight, 1 / FREEDOM))
  }
  const byPoints = new Map<number, string[]>()
  for (const [word, weight] of weights) {
    const points = Math.round(POINTS_PER_UNIT * weight)
    if (Math.abs(points) < LEAST_POINTS) continue
    const list = byPoints.get(points)
    if (list === undefined) byPoints.set(points, [word])
    else list.push(word)
  }
  const sorted = [...byPoints].sort(([a], [b]) => b - a)
  return {
    base: Math.round(TRIAGE_DEFAULTS.threshold + POINTS_PER_UNIT * base),
    weights: Object.fromEntries(sorted.map(([points, words]) => [`${points}`, words.join(' ')])),
  }
}
