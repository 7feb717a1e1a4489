/*
 * Precision and recall of the emergency triage on the labelled messages, by half and language, with the mistakes of the half it
 * is tuned on. Of the held-out half nothing but figures is shown. Run it with `npm run report:triage`.
 */
import { createTriage } from '@holdfast/ai/triage'
import { loadLabelled, loadPractice, scoreOf } from './labelled.ts'
import type { Labelled } from './labelled.ts'

const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency
const all = [...loadLabelled(), ...loadPractice()]

const rows = (['tune', 'held-out', 'practice'] as const).flatMap((half) =>
  (['en', 'it', undefined] as const).map((language) => {
    const some = all.filter((one) => one.half === half && (language === undefined || one.language === language))
    const { messages, precision, recall } = scoreOf(some, isEmergency)
    return {
      half,
      language: language ?? 'both',
      messages,
      emergencies: some.filter(({ emergency }) => emergency).length,
      precision: precision.toFixed(3),
      recall: recall.toFixed(3),
    }
  }),
)
console.table(rows)

for (const one of scoreOf(
  all.filter(({ half }) => half !== 'held-out'),
  isEmergency,
).wrong)
  console.log(told(one))

function told({ id, emergency, message }: Labelled): string {
  const { score, reasons, ignored } = triage.assess(message)
  const counted = reasons.map((reason) => `${reason.id} ${reason.points}`).join(', ')
  const left = ignored.map((phrase) => `${phrase.id} (${phrase.by})`).join(', ')
  return `${id} ${emergency ? 'missed' : 'taken for one'}, ${score}: ${message}\n    counted: ${counted}; ignored: ${left}`
}
