import { describe, expect, it } from 'vitest'
import { type Dated, LOADED, TagMarks } from './tag-marks.ts'

/** So many tags whose deletion is remembered at least. */
const MOST = 10_000

function deleteOthers(marks: TagMarks, count: number, wallAt = 0): void {
  for (let i = 0; i < count; i++) marks.add(`other ${marks.version}`, wallAt)
}

describe('marks of deleted tags', () => {
  it('tell what was made before a deletion from what was made after it', () => {
    const marks = new TagMarks()
    const before: Dated = { tags: ['prices'], version: marks.version }
    marks.add('prices', 0)
    const after: Dated = { tags: ['prices'], version: marks.version }
    expect([marks.isOutdated(before), marks.isOutdated(after)]).toEqual([true, false])
    marks.add('jets', 0)
    expect([marks.isOutdated(before), marks.isOutdated(after)]).toEqual([true, false])
    marks.add('prices', 0)
    expect(marks.isOutdated(after)).toBe(true)
  })

  it('leave what has none of the tags alone while no more than 10,000 others were deleted', () => {
    const marks = new TagMarks()
    const entry: Dated = { tags: ['prices'], version: marks.version }
    deleteOthers(marks, MOST)
    expect(marks.isOutdated(entry)).toBe(false)
    const later: Dated = { tags: ['prices'], version: marks.version }
    deleteOthers(marks, MOST)
    expect(marks.isOutdated(later)).toBe(false)
  })

  it('never lose a deletion, however many others come after it, and however often', () => {
    for (const others of [1, MOST - 2, MOST - 1, MOST, MOST + 1, 2 * MOST - 1, 2 * MOST, 2 * MOST + 1, 5 * MOST]) {
      const marks = new TagMarks()
      deleteOthers(marks, others % 7)
      const entry: Dated = { tags: ['jets', 'prices'], version: marks.version }
      marks.add('prices', 0)
      deleteOthers(marks, others)
      expect(marks.isOutdated(entry), `${others} others`).toBe(true)
      expect(marks.isOutdated({ ...entry, version: marks.version })).toBe(false)
      expect(marks.isOutdated({ tags: [], version: 0 })).toBe(false)
    }
  })

  it('hold the latest of several deletions of a tag', () => {
    const marks = new TagMarks()
    marks.add('prices', 0)
    deleteOthers(marks, MOST)
    const entry: Dated = { tags: ['prices'], version: marks.version }
    marks.add('prices', 0)
    expect(marks.isOutdated(entry)).toBe(true)
    deleteOthers(marks, 1)
    expect(marks.isOutdated(entry)).toBe(true)
  })

  it('date what came from the store by wall time, also once they are forgotten', () => {
    const marks = new TagMarks()
    marks.add('prices', 100)
    const isOutdated = (begunAt: number): boolean => marks.isOutdated({ tags: ['prices'], version: LOADED, begunAt })
    expect([99, 100, 101].map(isOutdated)).toEqual([true, true, false])
    deleteOthers(marks, 3 * MOST, 200)
    expect([99, 100, 200, 201].map(isOutdated)).toEqual([true, true, true, false])
  })

  it('take back no deletion when the wall clock is set back', () => {
    const marks = new TagMarks()
    const isOutdated = (begunAt: number): boolean => marks.isOutdated({ tags: ['prices'], version: LOADED, begunAt })
    marks.add('prices', 1_000)
    marks.add('prices', 10)
    expect([1_000, 1_001].map(isOutdated)).toEqual([true, false])
    deleteOthers(marks, 3 * MOST, 20)
    expect([1_000, 1_001].map(isOutdated)).toEqual([true, false])
  })
})
