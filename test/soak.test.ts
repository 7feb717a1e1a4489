import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDesk, type Desk } from './harness/desk.ts'
import { soak } from './measure/soak.ts'

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(async () => {
  await desk.stop()
})

it(
  'holds 200 conversations at once for a minute without an error, in 256 MiB that do not grow',
  { timeout: 120_000 },
  async () => {
    const run = await soak(desk, { conversations: 200, seconds: 60 })
    expect(run.errors).toEqual([])
    expect(run.answers).toBeGreaterThan(1_000)
    expect(Math.max(...run.memoryMiB)).toBeLessThan(256)
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    const early = mean(run.memoryMiB.slice(10, 25))
    const late = mean(run.memoryMiB.slice(-15))
    expect(late / early).toBeLessThan(1.15)
  },
)
