/**
 * Measures the charter desk on its questions: what the rules alone understand, and that nothing is lost on the way through the running
 * server with every tier in turn as the serving one. Writes `docs/reports/charter.md`; exit code 1 when a goal is missed.
 */
import { loadQuestions, measureModelFree } from '@holdfast/assistant-charter/report'
import { startDesk } from '../../harness/desk.ts'
import { PHASES, runPhase } from './serving.ts'
import type { Outcome } from './serving.ts'

const questions = loadQuestions()
console.log(measureModelFree(questions.filter(({ half }) => half === 'tune')).right)
const desk = await startDesk()
const served = new Map<string, Outcome[]>()
const n8nAnswers = new Map<string, string>()
try {
  for (const phase of PHASES) {
    const t = performance.now()
    const outcomes = await runPhase(desk, phase, questions, n8nAnswers)
    served.set(phase.name, outcomes)
    const by: Record<string, number> = {}
    for (const { served, problems } of outcomes) {
      by[served] = (by[served] ?? 0) + 1
      for (const p of problems) by['!' + p] = (by['!' + p] ?? 0) + 1
    }
    console.log(phase.name, Math.round(performance.now() - t), by)
    console.log(
      outcomes
        .filter((o) => o.problems.length > 0 && o.question.half === 'tune')
        .slice(0, 5)
        .map((o) => [o.question.id, o.problems]),
    )
  }
} finally {
  await desk.stop()
}
