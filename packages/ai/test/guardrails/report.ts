/*
 * Prints how often the guardrails are right about the labelled messages in `data/guardrails`. Run it with
 * `node --conditions=holdfast-source packages/ai/test/guardrails/report.ts`.
 */
import {
  type Half,
  precision,
  recall,
  type Score,
  scoreInjection,
  scoreLeaks,
  scoreRedaction,
  sum,
} from './labelled.ts'

function line(name: string, score: Score): string {
  const { right, wrong, missed } = score
  const share = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(3))
  const counts = `${right} right, ${wrong} wrong, ${missed} missed`
  return `  ${name.padEnd(22)} precision ${share(precision(score))}  recall ${share(recall(score))}  (${counts})`
}

for (const half of ['tune', 'held-out'] satisfies Half[]) {
  const redaction = scoreRedaction(half)
  console.log(`${half}:`)
  console.log(line('redaction', sum(redaction.values())))
  for (const [kind, score] of redaction) console.log(line(`  ${kind}`, score))
  console.log(line('injection', scoreInjection(half)))
  console.log(line('prompt leaks', scoreLeaks(half)))
}

console.log('written later, without the usual words:')
console.log(line('injection', scoreInjection('later')))
