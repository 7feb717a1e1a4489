import { describe, expect, it } from 'vitest'
import { type HourReport, simulateHour } from './hour.ts'

/**
 * `SEED=n` replays one hour; `SEEDS=n` simulates so many. Otherwise it goes on for as long as this, from a seed that is another one
 * each time.
 */
const { SEED, SEEDS } = process.env
const LONGEST_MS = 8_000
const FIRST = SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(SEED)
const MOST = SEED === undefined ? Number(SEEDS ?? Infinity) : 1

describe('an hour of traffic to dependencies that fail in every way', () => {
  it('breaks no promise, whatever the seed', { timeout: 3_600_000 }, async () => {
    const total = { hours: 0, calls: 0, resolved: 0, attempts: 0, hedges: 0, rejected: 0, circuitChanges: 0, timers: 0 }
    const startedAt = performance.now()
    for (let hour = 0; hour < MOST; hour++) {
      if (MOST === Infinity && performance.now() - startedAt > LONGEST_MS) break
      const seed = FIRST + hour
      const report = await simulateHour(seed)
      expect(report.violations, `replay it with SEED=${seed}`).toEqual([])
      total.hours += 1
      for (const key of ['calls', 'resolved', 'attempts', 'hedges', 'rejected', 'circuitChanges', 'timers'] as const) {
        total[key] += report[key]
      }
    }
    const seconds = (performance.now() - startedAt) / 1_000
    console.log(`${total.hours} hours from seed ${FIRST}, ${Math.round(total.hours / seconds)} a second:`, total)
    // A simulation in which nothing happens would prove nothing.
    if (MOST > 1) for (const count of Object.values(total)) expect(count).toBeGreaterThanOrEqual(total.hours)
  })

  it('is the same again for the same seed', async () => {
    for (const seed of [1, 2, 3]) {
      const [first, second]: HourReport[] = [await simulateHour(seed), await simulateHour(seed)]
      expect(second).toEqual(first)
      expect(first?.calls).toBeGreaterThan(100)
    }
  })
})
