import { createHash } from 'node:crypto'
import { createTriage } from '@holdfast/ai/triage'
import { describe, expect, it } from 'vitest'
import { loadLabelled, loadPractice, scoreOf } from './src/report/labelled.ts'
import type { Labelled } from './src/report/labelled.ts'

const labelled = loadLabelled()
const practice = loadPractice()
const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency
const count = (of: (one: Labelled) => boolean): number => labelled.filter(of).length

describe('triage.jsonl', () => {
  it('has at least 400 messages, at least half of them none, in two languages and halves of a size', () => {
    expect(labelled.length).toBeGreaterThanOrEqual(400)
    expect(count(({ emergency }) => !emergency)).toBeGreaterThanOrEqual(labelled.length / 2)
    expect(count(({ language }) => language === 'en')).toBe(labelled.length / 2)
    expect(count(({ half }) => half === 'held-out')).toBeGreaterThan(0.45 * labelled.length)
    expect(count(({ half }) => half === 'tune')).toBeGreaterThan(0.45 * labelled.length)
  })

  it('says no message twice, and gives each an id of its own', () => {
    const all = [...labelled, ...practice]
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const twice = all.filter((one, at) => all.findIndex((other) => other.message === one.message) !== at)
    expect(twice.map(({ message }) => message)).toEqual([])
  })

  it('assigns the half by the hash of the number, the same for both languages', () => {
    const byHash = (id: string): string =>
      createHash('sha256').update(id.slice(0, 4)).digest().readUInt8(0) % 2 === 0 ? 'tune' : 'held-out'
    expect(labelled.filter(({ id, half }) => half !== byHash(id)).map(({ id }) => id)).toEqual([])
  })
})

describe('the triage', () => {
  it('reaches 0.95 in precision and recall on the half it is not tuned on', () => {
    const { precision, recall } = scoreOf(
      labelled.filter(({ half }) => half === 'held-out'),
      isEmergency,
    )
    expect(precision).toBeGreaterThanOrEqual(0.95)
    expect(recall).toBeGreaterThanOrEqual(0.95)
  })

  it.each(['en', 'it'])('reaches 0.92 in both on the part of that half in %s', (language) => {
    const { precision, recall } = scoreOf(
      labelled.filter((one) => one.half === 'held-out' && one.language === language),
      isEmergency,
    )
    expect(precision).toBeGreaterThanOrEqual(0.92)
    expect(recall).toBeGreaterThanOrEqual(0.92)
  })

  it('gets what it is tuned on right, all but a few', () => {
    const tuned = [...labelled.filter(({ half }) => half === 'tune'), ...practice]
    const { precision, recall } = scoreOf(tuned, isEmergency)
    expect(precision).toBeGreaterThanOrEqual(0.98)
    expect(recall).toBeGreaterThanOrEqual(0.98)
  })
})
