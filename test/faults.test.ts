import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CASES, MODES } from './faults/cases.ts'
import { openStage, runCell, type Stage } from './faults/run.ts'
import { holdfast } from './faults/subjects/holdfast.ts'
import { overHttp } from './faults/subjects/over-http.ts'

/** `npm run faults` asks one and a hundred at once, too, and others beside ours. */
const CALLERS = 20

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe.each([holdfast, overHttp])('$name, with two models of which one fails', (subject) => {
  it.each(CASES)('gives what was expected, however it is asked: $title', async (one) => {
    for (const mode of MODES.filter((each) => subject.has?.(each) !== false)) {
      const cell = await runCell(stage, subject, one, mode, CALLERS)
      const { outcomes, expected, example, met } = cell
      expect(met, JSON.stringify({ mode, outcomes, expected, example })).toBe(true)
    }
  })
})
