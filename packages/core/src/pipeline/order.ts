import { invalid } from '../validation/validate.ts'

/** What a policy of a pipeline is. */
export type PolicyKind = 'timeout' | 'admission' | 'retry' | 'hedge' | 'breaker'

/** Why the order is the order: what goes wrong when the one stands around the other. */
const WRONG: Readonly<Partial<Record<`${PolicyKind} > ${PolicyKind}`, string>>> = {
  'breaker > retry': 'it would see a whole call with its retries as one result',
  'breaker > hedge': 'the attempts beside each other would be one result to it',
  'breaker > admission': 'what an admission refuses would use up its probes',
  'hedge > retry': 'every hedge would retry, and multiply the attempts',
  'hedge > admission': 'put it before the hedge; it is asked for every attempt anyway',
  'retry > admission': 'put it before the retry; it is asked for every attempt anyway',
}

/**
 * Checks that policies stand in their order, outermost first: timeout (of the whole call), admissions, retry, hedge, breaker, timeout (of one
 * attempt); each at most once but the admissions.
 * @throws HoldfastError `INVALID_OPTION`, which says what would go wrong.
 */
export function checkOrder(kinds: readonly PolicyKind[]): void {
  for (const [index, inner] of kinds.entries()) {
    const before = kinds.slice(0, index)
    const wrong = before.find((outer) => WRONG[`${outer} > ${inner}`] !== undefined)
    if (wrong !== undefined) {
      throw invalid(`pipeline: ${inner} must be outside ${wrong} (${WRONG[`${wrong} > ${inner}`]})`)
    }
    if (inner !== 'admission' && inner !== 'timeout' && before.includes(inner)) {
      throw invalid(`pipeline: ${inner} must be there only once`)
    }
    const isBetween = index > 0 && index < kinds.length - 1
    if (inner === 'timeout' && isBetween) {
      throw invalid('pipeline: timeout must be the first policy or the last')
    }
  }
}
