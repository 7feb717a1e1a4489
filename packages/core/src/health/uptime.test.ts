import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEPT, Uptime } from './uptime.ts'

const HOUR = 3_600_000

describe('the uptime of a dependency', () => {
  it('is whole while nothing has happened, also at its very beginning', () => {
    const uptime = new Uptime(5)
    expect(uptime.report(5, HOUR)).toMatchObject({ availability: 1, uptimeMs: 0, outages: 0, mttrMs: undefined })
    uptime.note(true, 6, 0)
    expect(uptime.report(105, HOUR)).toEqual({
      availability: 1,
      uptimeMs: 100,
      downtimeMs: 0,
      outages: 0,
      mttrMs: undefined,
      mtbfMs: undefined,
      recent: { periodMs: 100, availability: 1 },
      lastOutages: [],
      downSince: undefined,
    })
  })

  it('tells availability, mean time to recovery and mean time between failures', () => {
    const uptime = new Uptime(0)
    uptime.note(false, 100, 1_100)
    uptime.note(false, 120, 1_120)
    uptime.note(true, 130, 1_130)
    uptime.note(true, 140, 1_140)
    uptime.note(false, 600, 1_600)
    uptime.note(true, 670, 1_670)
    expect(uptime.report(1_000, HOUR)).toMatchObject({
      availability: 0.9,
      uptimeMs: 900,
      downtimeMs: 100,
      outages: 2,
      mttrMs: 50,
      mtbfMs: 450,
      lastOutages: [
        { at: 1_100, durationMs: 30 },
        { at: 1_600, durationMs: 70 },
      ],
    })
  })

  it('counts an outage that goes on, but not as a recovery', () => {
    const uptime = new Uptime(0)
    uptime.note(false, 100, 1_100)
    expect(uptime.report(400, HOUR)).toMatchObject({
      availability: 0.25,
      outages: 1,
      mttrMs: undefined,
      mtbfMs: 100,
      downSince: 1_100,
      recent: { periodMs: 400, availability: 0.25 },
    })
  })

  it('looks at the last period alone, cutting an outage that began before it', () => {
    const uptime = new Uptime(0)
    uptime.note(false, 100, 0)
    uptime.note(true, 1_000, 0)
    expect(uptime.report(1_900, 1_000).recent).toEqual({ periodMs: 1_000, availability: 0.9 })
    expect(uptime.report(2_000, 1_000).recent).toEqual({ periodMs: 1_000, availability: 1 })
  })

  it('keeps the last 100 outages and says what time it still knows', () => {
    const uptime = new Uptime(0)
    for (let i = 0; i < 3 * KEPT; i++) {
      uptime.note(false, i * 10 + 5, 0)
      uptime.note(true, i * 10 + 10, 0)
    }
    const report = uptime.report(3_000, HOUR)
    expect(report.lastOutages).toHaveLength(KEPT)
    expect(report).toMatchObject({ availability: 0.5, outages: 300, mttrMs: 5, mtbfMs: 5 })
    expect(report.recent).toEqual({ periodMs: 1_000, availability: 0.5 })
  })

  it('is never less than none, however the times are rounded', () => {
    const gaps = fc.array(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(gaps, (some) => {
        const uptime = new Uptime(0.1)
        let now = 0.1
        uptime.note(false, now, 0)
        for (const gap of some) {
          now += gap
          uptime.note(true, now, 0)
          uptime.note(false, now, 0)
        }
        const { availability, uptimeMs, recent } = uptime.report(now + 0.3, HOUR)
        expect(Math.min(availability, uptimeMs, recent.availability)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('agrees with a plain count of every millisecond', () => {
    const plan = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(plan, fc.integer({ min: 1, max: 300 }), (steps, periodMs) => {
        const uptime = new Uptime(0)
        const up: boolean[] = []
        for (const [isUp, ms] of steps) {
          uptime.note(isUp, up.length, 0)
          for (let i = 0; i < ms; i++) up.push(isUp)
        }
        const share = (times: readonly boolean[]): number => times.filter(Boolean).length / times.length
        const { availability, recent, uptimeMs, downtimeMs } = uptime.report(up.length, periodMs)
        expect(availability).toBeCloseTo(share(up), 10)
        expect(recent.availability).toBeCloseTo(share(up.slice(-periodMs)), 10)
        expect(uptimeMs + downtimeMs).toBe(up.length)
      }),
    )
  })
})
