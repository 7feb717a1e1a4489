import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CASES } from './faults/cases.ts'
import { modesOf, openStage, runCell, type Stage } from './faults/run.ts'
import { acrossVendors, goingOn, holdfast } from './faults/subjects/holdfast.ts'
import { overHttp } from './faults/subjects/over-http.ts'

/** `npm run faults` asks one and a hundred at once, too, and others beside ours. */
const CALLERS = 20

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe.each([holdfast, goingOn, acrossVendors, overHttp])('$name, with two models of which one fails', (subject) => {
  it.each(CASES)('gives what was expected, however it is asked: $title', async (one) => {
    const modes = modesOf(subject, one)
    // What is right is asked for before anything is wrong.
    await Promise.all(modes.map((mode) => stage.whole(mode)))
    await stage.fault(one, subject.service)
    const cells = await Promise.all(modes.map((mode) => runCell(stage, subject, one, mode, CALLERS)))
    for (const { mode, outcomes, expected, example, met } of cells) {
      expect(met, JSON.stringify({ mode, outcomes, expected, example })).toBe(true)
    }
  })
})
