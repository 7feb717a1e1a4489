/** Shows, for the tuning half only, which questions the model-free path gets wrong and how: `npm run report:tune`. */
import { plan } from '../rules/plan.ts'
import { understand } from '../understanding/index.ts'
import { differences } from './check.ts'
import { loadQuestions } from './questions.ts'

const questions = loadQuestions().filter(({ half }) => half === 'tune')
let right = 0
for (const { id, now, timeZone, messages, expect } of questions) {
  const turns = messages.map(({ role, content }) => ({ role, text: content }))
  const wrong = differences(expect, plan(understand(turns, { now: new Date(now), timeZone })))
  if (wrong.length === 0) right += 1
  else
    console.log(
      `${id} ${timeZone} ${now}\n  ${turns.map(({ text }) => text).join('\n  ')}\n  -> ${wrong.join('; ')}\n  want ${JSON.stringify(expect)}`,
    )
}
console.log(`${right} of ${questions.length} right (${((100 * right) / questions.length).toFixed(1)} %)`)
