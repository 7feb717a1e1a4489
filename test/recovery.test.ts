import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDesk, type Desk } from './harness/desk.ts'
import { measureRecovery } from './measure/recovery.ts'

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(async () => {
  await desk.stop()
})

it(
  'gives n8n its traffic back by itself, a larger share every ten seconds, without a burst',
  { timeout: 120_000 },
  async () => {
    const perSecond = 10
    const slices = await measureRecovery(desk, { perSecond, downSeconds: 8, watchSeconds: 60 })
    const shares = slices.map((slice) => slice.shareOfN8n)
    expect(slices.map((slice) => slice.errors)).toEqual(slices.map(() => 0))
    const full = shares.findIndex((share) => share > 0.99)
    expect(full, `shares ${shares.join(', ')}`).toBeGreaterThan(1)
    for (let index = 1; index <= full; index += 1) expect(shares[index]).toBeGreaterThan(shares[index - 1] ?? 1)
    for (const slice of slices) expect(slice.peakPerSecond).toBeLessThanOrEqual(perSecond * 1.5)
  },
)
