/**
 * Measures the charter desk on its questions: what the rules alone understand, and that nothing is lost on the way through the running
 * server with every tier in turn as the serving one. Writes `docs/reports/charter.md`; exit code 1 when a goal is missed.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { loadQuestions, measureModelFree } from '@holdfast/assistant-charter/report'
import { startDesk } from '../../harness/desk.ts'
import { writeReport } from './report.ts'
import type { Served } from './report.ts'
import { PHASES, runPhase, tenantKeys } from './serving.ts'

/** The share of the held-out half that the rules must get right. */
const GOAL = 0.85

const questions = loadQuestions()
const half = (name: string) => measureModelFree(questions.filter((question) => question.half === name))
const understood = {
  tune: half('tune'),
  heldOut: half('held-out'),
  practice: measureModelFree(loadQuestions('practice.jsonl')),
}
for (const [name, { right, total }] of Object.entries(understood)) console.log(`${name}: ${right} of ${total} right`)

const desk = await startDesk({ env: { HOLDFAST_API_KEYS: tenantKeys() } })
const served: Served[] = []
try {
  const n8nAnswers = new Map<string, string>()
  for (const phase of PHASES) {
    const started = performance.now()
    const outcomes = await runPhase(desk, phase, questions, n8nAnswers)
    served.push({ phase, outcomes, seconds: (performance.now() - started) / 1_000 })
    const failed = outcomes.filter(({ problems }) => problems.length > 0)
    console.log(`${phase.name}: ${outcomes.length} asked, ${failed.length} failed a check`)
    for (const { question, problems } of failed) {
      // Nobody who tunes the rules is to see which of the held-out questions does what.
      console.log(`  ${question.half === 'held-out' ? 'a held-out question' : question.id}: ${problems.join('; ')}`)
    }
  }
} finally {
  await desk.stop()
}

const folder = new URL('../../../docs/reports/', import.meta.url)
await mkdir(folder, { recursive: true })
const report = writeReport(understood, served, new Date().toISOString().slice(0, 10), GOAL)
await writeFile(new URL('charter.md', folder), report)
const missed = understood.heldOut.right / understood.heldOut.total < GOAL
const broken = served.some(({ outcomes }) => outcomes.some(({ problems }) => problems.length > 0))
if (missed || broken) process.exitCode = 1
