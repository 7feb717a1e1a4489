/** A sentence and what it means. */
export interface Example {
  readonly words: readonly string[]
  readonly label: string
}

/** What a classifier makes of some words. */
export interface Verdict {
  readonly label: string
  /** How much the words speak for it and against the others, from 0 to 1. */
  readonly probability: number
}

/** Guesses what words mean from examples. */
export interface Classifier {
  /** @returns nothing when it knows none of the words. */
  classify(words: readonly string[]): Verdict | undefined
  /** Whether a word stands in an example. */
  knows(word: string): boolean
  /** How much the words speak for each label, from 0 to 1. */
  probabilities(words: readonly string[]): ReadonlyMap<string, number>
}

/** Adds so many to each count, so that a word that was never seen with a label does not rule it out. */
const SMOOTHING = 0.3

/**
 * A multinomial naive Bayes classifier (Manning, Raghavan and Schütze, Introduction to Information Retrieval, 13.2) with equal
 * priors: the number of examples says nothing about how often something is asked. The same examples give the same
 * classifier.
 */
export function createClassifier(examples: readonly Example[]): Classifier {
  const labels = [...new Set(examples.map(({ label }) => label))]
  const counts = new Map<string, number[]>()
  const totals = labels.map(() => 0)
  for (const { words, label } of examples) {
    const at = labels.indexOf(label)
    for (const word of words) {
      const row = counts.get(word) ?? labels.map(() => 0)
      row[at]! += 1
      totals[at]! += 1
      counts.set(word, row)
    }
  }
  const logs = new Map<string, readonly number[]>()
  for (const [word, row] of counts) {
    logs.set(
      word,
      row.map((count, at) => Math.log((count + SMOOTHING) / (totals[at]! + SMOOTHING * counts.size))),
    )
  }
  const weigh = (words: readonly string[]): { readonly shares: number[]; readonly known: number } => {
    const sums = labels.map(() => 0)
    let known = 0
    for (const word of words) {
      const row = logs.get(word)
      if (row === undefined) continue
      known += 1
      row.forEach((log, at) => (sums[at]! += log))
    }
    const most = Math.max(...sums)
    const powers = sums.map((sum) => Math.exp(sum - most))
    const all = powers.reduce((sum, power) => sum + power, 0)
    return { shares: powers.map((power) => power / all), known }
  }
  return Object.freeze({
    classify(words: readonly string[]): Verdict | undefined {
      const { shares, known } = weigh(words)
      if (known === 0) return undefined
      const best = shares.indexOf(Math.max(...shares))
      return { label: labels[best]!, probability: shares[best]! }
    },
    knows: (word: string): boolean => logs.has(word),
    probabilities(words: readonly string[]): ReadonlyMap<string, number> {
      const { shares } = weigh(words)
      return new Map(labels.map((label, at) => [label, shares[at]!]))
    },
  })
}
