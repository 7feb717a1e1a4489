import type { Outcome } from './cases.ts'
import type { Seen } from './subject.ts'

/** What came of a question, told by the answer that the models give when they are well: both give the same. */
export function judge(seen: Seen | 'hangs', whole: Seen, names: readonly [first: string, second: string]): Outcome {
  if (seen === 'hangs') return 'HANGS'
  const says = (one: Seen): string => JSON.stringify([one.text, one.calls])
  if (seen.calls.length > whole.calls.length) return 'TWICE'
  if (seen.failed && /`\w+` is not supported/.test(seen.reason ?? '')) return 'refused'
  const isNothing = seen.text === '' && seen.calls.length === 0
  if (seen.failed) {
    if (isNothing) return 'error'
    // A tool that has run in a step before is one thing, a call in an answer that failed another.
    if (seen.calls.length > 0 && seen.text === '') return 'CALLED'
    return whole.text.startsWith(seen.text) ? 'broken off' : 'MIXED'
  }
  if (isNothing) return 'EMPTY'
  if (says(seen) === says(whole) && seen.mended === 'continue') return 'joined'
  if (says(seen) === says(whole) && seen.mended === 'restart') return 'restarted'
  if (says(seen) === says(whole)) return seen.model === names[0] ? 'first' : 'second'
  return seen.calls.length === 0 && whole.text.startsWith(seen.text) ? 'SHORT' : 'MIXED'
}
