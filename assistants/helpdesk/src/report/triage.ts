/*
 * Precision and recall of the emergency triage on the labelled messages it is tuned on, by file and language, with the mistakes.
 * Run it with `npm run report:triage`. With `-- --held-out` it prints those of the held-out half, and nothing but counts.
 */
import { createTriage } from '@holdfast/ai/triage'
import { loadHeldOut, loadPractice, loadTune, scoreOf } from './labelled.ts'
import type { Labelled } from './labelled.ts'

const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency
const heldOut = process.argv.includes('--held-out')
const halves = heldOut ? [loadHeldOut()] : [loadTune(), loadPractice()]

const rows = halves.flatMap((half) =>
  (['en', 'it', undefined] as const).map((language) => {
    const some = half.filter((one) => language === undefined || one.language === language)
    const { messages, emergencies, missed, falseAlarms, precision, recall } = scoreOf(some, isEmergency)
    return {
      half: half[0]?.half,
      language: language ?? 'both',
      messages,
      emergencies,
      missed,
      falseAlarms,
      precision: precision.toFixed(3),
      recall: recall.toFixed(3),
    }
  }),
)
console.table(rows)

if (!heldOut) for (const one of scoreOf(halves.flat(), isEmergency).wrong) console.log(told(one))

function told({ id, emergency, message }: Labelled): string {
  const { score, reasons, ignored } = triage.assess(message)
  const counted = reasons.map((reason) => `${reason.id} ${reason.points}`).join(', ')
  const left = ignored.map((phrase) => `${phrase.id} (${phrase.by})`).join(', ')
  return `${id} ${emergency ? 'missed' : 'taken for one'}, ${score}: ${message}\n    counted: ${counted}; ignored: ${left}`
}
