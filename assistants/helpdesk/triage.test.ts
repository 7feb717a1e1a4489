import { createTriage } from '@holdfast/ai/triage'
import { describe, expect, it } from 'vitest'
import { loadHeldOut, loadPractice, loadTune, scoreOf } from './src/report/labelled.ts'
import type { Labelled } from './src/report/labelled.ts'

const heldOut = loadHeldOut()
const tuned = [...loadTune(), ...loadPractice()]
const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency
const count = (of: (one: Labelled) => boolean): number => heldOut.filter(of).length

describe('the labelled messages', () => {
  it('hold out at least 300, at least half of them none, in two languages', () => {
    expect(heldOut.length).toBeGreaterThanOrEqual(300)
    expect(count(({ emergency }) => !emergency)).toBeGreaterThanOrEqual(heldOut.length / 2)
    expect(count(({ language }) => language === 'en')).toBe(heldOut.length / 2)
  })

  it('say no message twice, and give each an id of its own', () => {
    const all = [...heldOut, ...tuned]
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ message }) => message)).size).toBe(all.length)
  })
})

describe('the triage', () => {
  it('gets what it is tuned on right, all but a few', () => {
    const { precision, recall } = scoreOf(tuned, isEmergency)
    expect(precision).toBeGreaterThanOrEqual(0.98)
    expect(recall).toBeGreaterThanOrEqual(0.98)
  })
})
