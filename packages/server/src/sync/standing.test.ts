import { describe, expect, it } from 'vitest'
import type { ServerSync } from './server-sync.ts'
import { createStanding } from './standing.ts'

/** Two tenants of a source, and what the store says of them now. */
function setUp() {
  let now = 0
  let reads = 0
  const stored: { succeededAt: (number | undefined)[]; conflicts: number; away: Promise<never> | undefined } = {
    succeededAt: [5_000, 3_000],
    conflicts: 2,
    away: undefined,
  }
  const state = async (tenant: string) => {
    reads += 1
    await stored.away
    const at = stored.succeededAt[Number(tenant)]
    const crm = { name: 'crm', ...(at === undefined ? {} : { succeededAt: new Date(at) }) }
    return { sources: [crm], conflicts: { client: stored.conflicts, quote: 0 } }
  }
  const standing = createStanding(state as unknown as ServerSync['state'], ['0', '1'], () => now)
  return {
    ...standing,
    stored,
    reads: () => reads,
    pass: (ms: number) => void (now += ms),
  }
}

describe('how the sources of all tenants stand', () => {
  it('is the longest ago that one of them was read, and what waits of all', async () => {
    const { get, refresh, stored } = setUp()
    expect(get()).toBeUndefined()
    await refresh()
    expect(get()).toEqual({ succeededAt: { crm: 3_000 }, conflicts: { client: 4, quote: 0 } })
    stored.succeededAt = [5_000, undefined]
    await refresh()
    expect(get()?.succeededAt).toEqual({ crm: 0 })
  })

  it('is told at once and read again meanwhile, not more often than it is worth', async () => {
    const { get, pass, reads, refresh, stored } = setUp()
    await refresh()
    stored.conflicts = 0
    get()
    expect(reads()).toBe(2)
    pass(15_000)
    for (let times = 0; times < 9; times += 1) expect(get()?.conflicts['client']).toBe(4)
    await refresh()
    expect([get()?.conflicts['client'], reads()]).toEqual([0, 4])
  })

  it('is what it was while the store hangs or is away', async () => {
    const { get, pass, reads, refresh, stored } = setUp()
    await refresh()
    const { promise, reject } = Promise.withResolvers<never>()
    stored.away = promise
    pass(60_000)
    for (let times = 0; times < 9; times += 1) expect(get()?.conflicts['client']).toBe(4)
    expect(reads()).toBe(3)
    reject(new Error('away'))
    await refresh()
    expect(get()?.conflicts['client']).toBe(4)
    await refresh()
    stored.away = undefined
    stored.conflicts = 1
    await refresh()
    expect(get()?.conflicts['client']).toBe(2)
  })
})
