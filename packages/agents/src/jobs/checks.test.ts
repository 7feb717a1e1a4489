import { describe, expect, it } from 'vitest'
import { checkJob, checkTree, lastRuns, nextRuns } from './checks.ts'

describe('a schedule', () => {
  it('keeps to the clock on the wall when daylight saving begins and ends', () => {
    const at = (from: string): string[] =>
      nextRuns('0 9 * * *', 'America/New_York', new Date(from), 2).map((date) => date.toISOString())
    expect(at('2026-03-07T00:00:00Z')).toEqual(['2026-03-07T14:00:00.000Z', '2026-03-08T13:00:00.000Z'])
    expect(at('2026-10-31T00:00:00Z')).toEqual(['2026-10-31T13:00:00.000Z', '2026-11-01T14:00:00.000Z'])
  })

  it('knows when it was due, on days of 23 and 25 hours too', () => {
    const at = (until: string): string[] =>
      lastRuns('0 9 * * *', 'America/New_York', new Date(until), 2).map((date) => date.toISOString())
    expect(at('2026-03-08T13:00:00Z')).toEqual(['2026-03-08T13:00:00.000Z', '2026-03-07T14:00:00.000Z'])
    expect(at('2026-03-08T12:59:59.999Z')[0]).toBe('2026-03-07T14:00:00.000Z')
    expect(at('2026-11-01T23:00:00Z')).toEqual(['2026-11-01T14:00:00.000Z', '2026-10-31T13:00:00.000Z'])
  })

  it.each(['@daily', '0 9 * *', '0 0 9 * * *', '60 9 * * *', ''])('is refused with the expression %j', (cron) => {
    expect(() => nextRuns(cron, 'UTC', new Date(0), 1)).toThrow(/cron: must have five fields/)
  })
})

describe('a job', () => {
  it('is plain JSON, with times as they are on the wall', () => {
    const job = checkJob(
      'search',
      { at: new Date(0), gone: undefined },
      { delayMs: 5, deadlineMs: 10, priority: 'urgent' },
      1_000,
    )
    expect(job).toMatchObject({
      queue: 'search',
      priority: 0,
      notBefore: 1_005,
      envelope: { data: { at: '1970-01-01T00:00:00.000Z' }, tenant: 'default', deadlineAt: 1_010 },
    })
    expect(JSON.parse(JSON.stringify(job))).toEqual(job)
  })

  it('of a tree knows those below it, in their order', () => {
    const tree = checkTree(
      {
        queue: 'a',
        data: 1,
        children: [
          { queue: 'b', data: 2 },
          { queue: 'c', data: 3 },
        ],
      },
      0,
    )
    expect(tree.envelope.children).toEqual(tree.children.map(({ queue, id }) => ({ queue, id })))
    expect(tree.children.map(({ queue }) => queue)).toEqual(['b', 'c'])
  })

  it('of a tree is refused with what a tree cannot have', () => {
    expect(() => checkTree({ queue: 'a', data: 1, options: { transaction: {} } as never }, 0)).toThrow(
      /without deduplicationKey and transaction/,
    )
    const wide = { queue: 'a', data: 1, children: Array.from({ length: 1_000 }, () => ({ queue: 'b', data: 2 })) }
    expect(() => checkTree(wide, 0)).toThrow(/at most 1000 jobs/)
  })
})
