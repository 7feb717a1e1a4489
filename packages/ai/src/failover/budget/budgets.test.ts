import { createEvents } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AiEvent } from '../../events/events.ts'
import type { BudgetAccount, BudgetSpending } from './budgets.ts'
import { createBudgets } from './create-budgets.ts'
import type { BudgetsOptions } from './options.ts'

const HOUR = 3_600_000

function setUp(limits: BudgetsOptions['limits'], options: Partial<BudgetsOptions> = {}, wallTime?: number) {
  const clock = fakeClock({ wallTime })
  const events: AiEvent[] = []
  const channel = createEvents<AiEvent>()
  channel.on((event) => void events.push(event))
  const budgets = createBudgets({ limits, clock, events: channel, ...options })
  const spend = (cost: number, of: object = {}) => {
    const amounts = { cost, tokens: cost * 10, requests: 1 }
    budgets.reserve(of, amounts).settle(amounts)
  }
  const refusal = (cost: number, of: object = {}): unknown => {
    try {
      budgets.reserve(of, { cost, tokens: cost * 10, requests: 1 }).settle()
      return undefined
    } catch (error) {
      return error
    }
  }
  return { clock, events, budgets, spend, refusal }
}

describe('a budget', () => {
  it('is that of whom the subject names now, though it be the same object as before', () => {
    const { budgets } = setUp([{ name: 'each', per: ['tenant'], period: 'day', maxRequests: 10 }])
    const of = { tenant: 'acme' }
    const amounts = { cost: 0, tokens: 0, requests: 1 }
    for (const tenant of ['acme', 'globex', 'acme']) {
      of.tenant = tenant
      budgets.reserve(of, amounts).settle(amounts)
    }
    const used = budgets.snapshot().accounts.map((account) => [account.of.tenant, account.used.requests])
    expect(used).toEqual([
      ['acme', 2],
      ['globex', 1],
    ])
  })

  it('refuses what it has no room for, until its period ends', async () => {
    // 2026-01-01T00:00:00Z.
    const { clock, spend, refusal } = setUp([{ name: 'day', period: 'day', maxCost: 10 }])
    await clock.advance(20 * HOUR)
    spend(8)
    expect(refusal(2)).toBeUndefined()
    expect(refusal(2.01)).toMatchObject({
      code: 'BUDGET_EXCEEDED',
      category: 'rejected',
      retryable: false,
      mayHaveTakenEffect: false,
      retryAfterMs: 4 * HOUR,
    })
    await clock.advance(4 * HOUR)
    expect(refusal(10)).toBeUndefined()
  })

  it('says no time for what will never fit', () => {
    const { refusal } = setUp([{ name: 'day', period: 'day', maxCost: 10 }])
    expect(refusal(11)).toMatchObject({ code: 'BUDGET_EXCEEDED', retryAfterMs: undefined })
  })

  it('tells how each account stands beside its limits', () => {
    const { budgets, spend, refusal } = setUp([
      { name: 'each', per: ['tenant'], period: 'day', softCost: 5, maxCost: 10 },
      { name: 'tokens', period: 'hour', window: 'rolling', softTokens: 1_000 },
    ])
    const states = () =>
      Object.fromEntries(budgets.standings().map(({ of, budget, state }) => [of.tenant ?? budget, state]))
    spend(4, { tenant: 'acme' })
    spend(5, { tenant: 'globex' })
    spend(10, { tenant: 'initech' })
    expect(states()).toEqual({ acme: 'ok', globex: 'soft', initech: 'hard', tokens: 'ok' })
    // Not enough is left for what was refused last; for less there is.
    refusal(7, { tenant: 'acme' })
    expect(states()).toMatchObject({ acme: 'hard' })
    refusal(6, { tenant: 'acme' })
    expect(budgets.standings().find(({ of }) => of.tenant === 'acme')).toMatchObject({
      soft: { cost: 5 },
      max: { cost: 10 },
      used: { cost: 4 },
      refused: 1,
    })
  })

  it('tells of accounts that had nothing but refusals, as long as those are of this period', async () => {
    const limits = [
      { name: 'fixed', per: ['tenant'], period: 'day', maxCost: 1 },
      { name: 'rolling', per: ['tenant'], period: 'day', window: 'rolling', maxCost: 1 },
    ] as const
    const { clock, budgets, refusal } = setUp(limits)
    await clock.advance(20 * HOUR)
    refusal(2, { tenant: 'acme' })
    const told = () => budgets.standings().map(({ budget, state, refused }) => [budget, state, refused])
    expect(told()).toEqual([
      ['fixed', 'hard', 1],
      ['rolling', 'hard', 1],
    ])
    expect(budgets.standings()[0]?.resetsAt).toBe(clock.wallTime() + 4 * HOUR)
    expect(budgets.snapshot().accounts).toEqual([])
    await clock.advance(4 * HOUR)
    expect(told()).toEqual([['rolling', 'hard', 1]])
    await clock.advance(20 * HOUR)
    expect(told()).toEqual([])
  })

  it('of nothing lets through only what costs nothing', () => {
    const { refusal } = setUp([{ name: 'none', period: 'day', maxCost: 0 }])
    expect(refusal(0)).toBeUndefined()
    expect(refusal(0.000_001)).toMatchObject({ code: 'BUDGET_EXCEEDED' })
  })

  it('counts what is set aside, so that a hundred at once cannot share the rest', () => {
    const { budgets, spend } = setUp([{ name: 'day', period: 'day', maxCost: 10 }])
    spend(7)
    const amounts = { cost: 1, tokens: 1, requests: 1 }
    const through = Array.from({ length: 100 }, () => {
      try {
        return [budgets.reserve({}, amounts)]
      } catch {
        return []
      }
    }).flat()
    expect(through).toHaveLength(3)
    expect(budgets.snapshot().accounts[0]).toMatchObject({ used: { cost: 7 }, reserved: { cost: 3 }, refused: 97 })
    for (const reservation of through) reservation.settle({ cost: 0.5, tokens: 1, requests: 1 })
    for (const reservation of through) reservation.settle({ cost: 99, tokens: 1, requests: 1 })
    expect(budgets.snapshot().accounts[0]).toMatchObject({ used: { cost: 8.5 }, reserved: { cost: 0, requests: 0 } })
  })

  it('sets aside in every account or in none', () => {
    const { budgets, refusal } = setUp([
      { name: 'all', period: 'day', maxCost: 100 },
      { name: 'each', period: 'day', per: ['tenant'], maxCost: 1 },
    ])
    expect(refusal(2, { tenant: 'acme' })).toMatchObject({
      message: 'The budget "each" has no room for this request (cost).',
    })
    for (const { reserved } of budgets.snapshot().accounts) expect(reserved.cost).toBe(0)
    expect(refusal(1, { tenant: 'acme' })).toBeUndefined()
  })

  it('is apart for each of what it is per, and not for what it excepts', () => {
    const { spend, refusal } = setUp([
      { name: 'each', period: 'day', per: ['tenant', 'key'], maxCost: 1, except: { tenant: ['acme'] } },
      { name: 'acme', period: 'day', only: { tenant: 'acme' }, maxCost: 5 },
      { name: 'model', period: 'day', only: { model: 'large' }, per: ['credential'], maxRequests: 1 },
    ])
    spend(1, { tenant: 'globex', key: 'web' })
    expect(refusal(1, { tenant: 'globex', key: 'web' })).toBeDefined()
    expect(refusal(1, { tenant: 'globex', key: 'app' })).toBeUndefined()
    expect(refusal(1, { tenant: 'globex' })).toBeUndefined()
    spend(4, { tenant: 'acme', key: 'web' })
    expect(refusal(2, { tenant: 'acme', key: 'web' })).toMatchObject({ message: expect.stringContaining('"acme"') })
    spend(0, { tenant: 'acme', model: 'large', credential: 'a' })
    expect(refusal(0, { tenant: 'acme', model: 'large', credential: 'a' })).toMatchObject({
      message: expect.stringContaining('(requests)'),
    })
    expect(refusal(0, { tenant: 'acme', model: 'large', credential: 'b' })).toBeUndefined()
  })

  for (const [period, from, until] of [
    ['minute', '2026-03-31T23:59:30Z', '2026-04-01T00:00:00Z'],
    ['hour', '2026-03-31T23:59:30Z', '2026-04-01T00:00:00Z'],
    ['day', '2026-03-31T03:00:00Z', '2026-04-01T00:00:00Z'],
    // A Tuesday.
    ['week', '2026-03-31T03:00:00Z', '2026-04-06T00:00:00Z'],
    ['month', '2026-02-10T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['month', '2028-02-10T00:00:00Z', '2028-03-01T00:00:00Z'],
    ['month', '2026-12-31T23:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const) {
    it(`of a ${period} begins anew at ${until}`, async () => {
      const begin = Date.parse(from)
      const { clock, spend, refusal } = setUp([{ name: 'b', period, maxCost: 1 }], {}, begin)
      spend(1)
      const ms = Date.parse(until) - begin
      expect(refusal(1)).toMatchObject({ retryAfterMs: ms })
      await clock.advance(ms - 1)
      expect(refusal(1)).toBeDefined()
      await clock.advance(1)
      expect(refusal(1)).toBeUndefined()
    })
  }

  it('that rolls lets go of what was used a period ago, part by part', async () => {
    const { clock, spend, refusal } = setUp([{ name: 'b', period: 'hour', window: 'rolling', maxCost: 10 }])
    spend(6)
    await clock.advance(HOUR / 2)
    spend(4)
    // The first part counts until a thirtieth after its hour.
    expect(refusal(1)).toMatchObject({ retryAfterMs: HOUR / 2 + HOUR / 30 })
    expect(refusal(7)).toMatchObject({ retryAfterMs: HOUR + HOUR / 30 })
    await clock.advance(HOUR / 2 + HOUR / 30)
    expect(refusal(6)).toBeUndefined()
    expect(refusal(6.1)).toBeDefined()
    await clock.advance(HOUR / 2)
    expect(refusal(10)).toBeUndefined()
  })

  it('tells once in a period that its soft limit was reached, and that it refuses', async () => {
    const { clock, events, spend, refusal } = setUp([
      { name: 'day', per: ['tenant'], period: 'day', softCost: 5, maxCost: 10 },
    ])
    const acme = { tenant: 'acme' }
    spend(4, acme)
    expect(events).toEqual([])
    for (let count = 0; count < 3; count++) spend(2, acme)
    for (let count = 0; count < 3; count++) refusal(2, acme)
    expect(events).toEqual([
      { type: 'budget-soft-reached', at: clock.wallTime(), budget: 'day', of: acme, unit: 'cost', used: 6, limit: 5 },
      { type: 'budget-exceeded', at: clock.wallTime(), budget: 'day', of: acme, unit: 'cost', used: 10, limit: 10 },
    ])
    await clock.advance(24 * HOUR)
    spend(6, acme)
    refusal(6, acme)
    expect(events).toHaveLength(4)
  })

  it('says whether cheaper models are wanted', () => {
    const { budgets, spend } = setUp([{ name: 'day', per: ['tenant'], period: 'day', softCost: 5, onSoft: 'cheapest' }])
    spend(5, { tenant: 'acme' })
    expect(budgets.prefersCheaper({ tenant: 'acme' })).toBe(true)
    expect(budgets.prefersCheaper({ tenant: 'globex' })).toBe(false)
  })

  it('counts an attempt in the period in which it began', async () => {
    const { clock, budgets } = setUp([{ name: 'hour', period: 'hour', maxCost: 10 }])
    const reservation = budgets.reserve({}, { cost: 1, tokens: 1, requests: 1 })
    await clock.advance(HOUR)
    reservation.settle({ cost: 10, tokens: 1, requests: 1 })
    expect(budgets.snapshot().accounts).toEqual([])
  })

  it('forgets nothing, and refuses for no longer, when the clock is set back', async () => {
    for (const window of ['fixed', 'rolling'] as const) {
      const { clock, spend, refusal } = setUp([{ name: 'hour', period: 'hour', window, maxCost: 10 }])
      await clock.advance(90 * HOUR)
      spend(10)
      clock.setWallTime(clock.wallTime() - 80 * HOUR)
      expect(refusal(1)).toBeDefined()
      await clock.advance(HOUR + HOUR / 30)
      expect(refusal(1)).toBeUndefined()
    }
  })
})

describe('the accounts of a budget', () => {
  it('are bounded, and none that comes back has more left than it had', async () => {
    const limits: BudgetsOptions['limits'] = [{ name: 'each', per: ['tenant'], period: 'day', maxCost: 10 }]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 4 })), { maxLength: 300 }),
        async (visits) => {
          const { budgets } = setUp(limits, { maxAccounts: 10 })
          const spent = new Map<number, number>()
          for (const [tenant, cost] of visits) {
            const amounts = { cost, tokens: 0, requests: 0 }
            const before = spent.get(tenant) ?? 0
            try {
              budgets.reserve({ tenant: `t${tenant}` }, amounts).settle(amounts)
              spent.set(tenant, before + cost)
            } catch {
              continue
            }
            expect(before + cost).toBeLessThanOrEqual(10)
          }
          expect(budgets.snapshot().accounts.filter(({ isFloor }) => isFloor !== true).length).toBeLessThanOrEqual(10)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('stay while an attempt is under way', () => {
    const { budgets } = setUp([{ name: 'each', per: ['tenant'], period: 'day', maxCost: 10 }], { maxAccounts: 10 })
    const held = budgets.reserve({ tenant: 'acme' }, { cost: 1, tokens: 0, requests: 0 })
    for (let tenant = 0; tenant < 50; tenant++)
      budgets.reserve({ tenant: `t${tenant}` }, { cost: 0, tokens: 0, requests: 0 }).settle()
    held.settle({ cost: 10, tokens: 0, requests: 0 })
    expect(budgets.hasRoom({ tenant: 'acme' }, { cost: 1, tokens: 0, requests: 0 })).toBe(false)
  })
})

describe('a snapshot', () => {
  const limits: BudgetsOptions['limits'] = [
    { name: 'each', per: ['tenant'], period: 'day', maxCost: 10 },
    { name: 'rolling', period: 'hour', window: 'rolling', maxTokens: 1_000 },
  ]

  it('brings back what was used and set aside, through JSON', async () => {
    const before = setUp(limits)
    before.spend(9, { tenant: 'acme' })
    before.budgets.reserve({ tenant: 'acme' }, { cost: 1, tokens: 10, requests: 1 })
    const kept = JSON.stringify(before.budgets.snapshot())
    const after = setUp(limits)
    after.budgets.restore(JSON.parse(kept))
    expect(after.refusal(0.5, { tenant: 'acme' })).toMatchObject({ code: 'BUDGET_EXCEEDED' })
    expect(after.refusal(10, { tenant: 'globex' })).toBeUndefined()
    expect(after.budgets.snapshot().accounts).toMatchObject([
      { budget: 'each', of: { tenant: 'acme' }, used: { cost: 10, tokens: 100, requests: 2 } },
      { budget: 'rolling', of: {}, used: { cost: 10, tokens: 100 } },
    ])
    await after.clock.advance(24 * HOUR)
    expect(after.budgets.snapshot().accounts).toEqual([])
  })

  it('of another day, another limit or another period counts for nothing', () => {
    const before = setUp(limits)
    before.spend(9, { tenant: 'acme' })
    const snapshot = before.budgets.snapshot()
    const later = setUp(limits, {}, before.clock.wallTime() + 24 * HOUR)
    later.budgets.restore(snapshot)
    const other = setUp([{ name: 'each', per: ['tenant'], period: 'month', maxCost: 10 }])
    other.budgets.restore(snapshot)
    for (const { budgets } of [later, other]) expect(budgets.snapshot().accounts).toEqual([])
  })

  it('is added to what there is', () => {
    const before = setUp(limits)
    before.spend(4, { tenant: 'acme' })
    const after = setUp(limits)
    after.spend(5, { tenant: 'acme' })
    after.budgets.restore(before.budgets.snapshot())
    expect(after.refusal(1, { tenant: 'acme' })).toBeUndefined()
    expect(after.refusal(1.5, { tenant: 'acme' })).toBeDefined()
  })

  it('keeps what those had used who had to make room', () => {
    const before = setUp(limits, { maxAccounts: 10 })
    for (let tenant = 0; tenant < 11; tenant++) before.spend(4, { tenant: `t${tenant}` })
    const after = setUp(limits, { maxAccounts: 10 })
    after.budgets.restore(before.budgets.snapshot())
    expect(after.refusal(7, { tenant: 't0' })).toBeDefined()
    expect(after.refusal(6, { tenant: 't0' })).toBeUndefined()
  })

  it('that is none is refused, and changes nothing', () => {
    const { budgets, spend } = setUp(limits)
    spend(3)
    const before = budgets.snapshot()
    const [account] = before.accounts
    for (const bad of [
      undefined,
      {},
      { version: 2, accounts: [] },
      { version: 1, at: 0, accounts: [account, 'x'] },
      { version: 1, at: 0, accounts: [account, { ...account, of: { tenant: 5 } }] },
      {
        version: 1,
        at: 0,
        accounts: [account, { ...account, slices: [{ startsAt: 0, cost: -1, tokens: 0, requests: 0 }] }],
      },
    ]) {
      expect(() => budgets.restore(bad as never)).toThrow(/snapshot/)
    }
    expect(budgets.snapshot()).toEqual(before)
  })
})

describe('the changes of accounts', () => {
  const limits: BudgetsOptions['limits'] = [
    { name: 'each', per: ['tenant'], period: 'day', maxCost: 10 },
    { name: 'all', period: 'day', maxCost: 100 },
  ]
  const shown = (accounts: Iterable<BudgetAccount>): unknown[] =>
    [...accounts].map(({ budget, of, used, reserved }) => [of.tenant ?? budget, used.cost, reserved.cost])

  it('are those since a revision, what is set aside and what is given back too', () => {
    const { budgets, spend, refusal } = setUp(limits)
    expect([budgets.revision, shown(budgets.changes(0))]).toEqual([0, []])
    spend(1, { tenant: 'acme' })
    const first = budgets.revision
    const held = budgets.reserve({ tenant: 'globex' }, { cost: 2, tokens: 0, requests: 1 })
    expect(shown(budgets.changes(first))).toEqual([
      ['globex', 0, 2],
      ['all', 1, 2],
    ])
    const second = budgets.revision
    refusal(11, { tenant: 'initech' })
    expect(shown(budgets.changes(second))).toEqual([])
    held.settle()
    expect(shown(budgets.changes(second))).toEqual([
      ['globex', 0, 0],
      ['all', 1, 0],
    ])
    expect(shown(budgets.changes(0))).toHaveLength(3)
  })

  it('may be read in parts: what changes meanwhile is of the next time', () => {
    const { budgets, spend } = setUp(limits)
    spend(1, { tenant: 'acme' })
    spend(1, { tenant: 'globex' })
    const before = budgets.revision
    const seen: unknown[] = []
    for (const account of budgets.changes(0)) {
      seen.push(...shown([account]))
      if (seen.length === 1) spend(1, { tenant: 'acme' })
    }
    expect(seen).toEqual([
      ['acme', 1, 0],
      ['globex', 1, 0],
      ['all', 3, 0],
    ])
    expect(shown(budgets.changes(before))).toEqual([
      ['acme', 2, 0],
      ['all', 3, 0],
    ])
  })

  it('have what those had used who had to make room, and end with the period', async () => {
    const { clock, budgets, spend } = setUp(limits, { maxAccounts: 10 })
    for (let tenant = 0; tenant < 10; tenant++) spend(4, { tenant: `t${tenant}` })
    const before = budgets.revision
    spend(1, { tenant: 'late' })
    const floor = [...budgets.changes(before)].filter(({ isFloor }) => isFloor === true)
    expect(floor).toMatchObject([{ budget: 'each', used: { cost: 4 } }])
    await clock.advance(24 * HOUR)
    expect(shown(budgets.changes(0))).toEqual([])
  })

  it('are told of one by one, until somebody no longer listens', () => {
    const { budgets, spend } = setUp(limits)
    let told = 0
    const stop = budgets.onChange(() => (told += 1))
    spend(1)
    expect(told).toBe(2)
    stop()
    spend(1)
    expect(told).toBe(2)
  })

  it('bring back each account as it was, also when there are more than may be kept', () => {
    const each = limits.slice(0, 1)
    const before = setUp(each, { maxAccounts: 50 })
    for (let tenant = 0; tenant < 30; tenant++) before.spend(tenant < 29 ? 5 : 6, { tenant: `t${tenant}` })
    const after = setUp(each, { maxAccounts: 10 })
    after.budgets.restore({ version: 1, at: 0, accounts: [...before.budgets.changes(0)] })
    expect(after.refusal(4, { tenant: 't29' })).toBeUndefined()
    expect(after.refusal(6, { tenant: 't0' })).toBeDefined()
  })
})

describe('what others have used', () => {
  const limits: BudgetsOptions['limits'] = [
    { name: 'each', per: ['tenant'], period: 'day', softCost: 8, maxCost: 10 },
    { name: 'rolling', period: 'hour', window: 'rolling', maxTokens: 1_000 },
  ]
  const each = (tenant: string, cost: number, startsAt: number): BudgetSpending => ({
    budget: 'each',
    of: { tenant },
    period: 'day',
    window: 'fixed',
    startsAt,
    cost,
    tokens: 0,
    requests: 1,
  })

  it('counts beside what was used here, whether or not the account was there before, and is told apart', () => {
    const { clock, budgets, events, spend, refusal } = setUp(limits)
    spend(3, { tenant: 'acme' })
    budgets.heed([each('acme', 4, clock.wallTime()), each('globex', 9.5, clock.wallTime())])
    expect(refusal(3.5, { tenant: 'acme' })).toMatchObject({ code: 'BUDGET_EXCEEDED', retryAfterMs: 24 * HOUR })
    spend(3, { tenant: 'acme' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'budget-soft-reached', used: 10 }))
    const told = budgets
      .standings()
      .map(({ of, used, elsewhere, state }) => [of.tenant, used.cost, elsewhere?.cost, state])
    expect(told.slice(0, 2)).toEqual([
      ['acme', 6, 4, 'hard'],
      ['globex', 0, 9.5, 'soft'],
    ])
    expect(refusal(1, { tenant: 'globex' })).toBeDefined()
    expect(budgets.snapshot().accounts.map(({ budget, used }) => [budget, used.cost])).toEqual([
      ['each', 6],
      ['rolling', 6],
    ])
  })

  it('is what was said last of it, or all that was said', () => {
    const { clock, budgets, refusal } = setUp(limits)
    budgets.heed([each('acme', 9, clock.wallTime())])
    budgets.heed([each('acme', 5, clock.wallTime()), each('globex', 9, clock.wallTime())])
    expect(refusal(5, { tenant: 'acme' })).toBeUndefined()
    budgets.heed([each('acme', 2, clock.wallTime())], { isAll: true })
    expect(refusal(8, { tenant: 'acme' })).toBeUndefined()
    expect(refusal(10, { tenant: 'globex' })).toBeUndefined()
  })

  it('no longer counts when its part of the period does not, nor for another limit', async () => {
    const { clock, budgets, refusal } = setUp(limits)
    const rolling = { budget: 'rolling', of: {}, period: 'hour', window: 'rolling', cost: 0, requests: 1 } as const
    const begin = clock.wallTime()
    budgets.heed([each('acme', 10, begin), { ...each('acme', 99, begin), period: 'week' }])
    budgets.heed([0, 1, 2].map((part) => ({ ...rolling, tokens: 400, startsAt: begin - part * (HOUR / 30) })))
    // The oldest part ends first.
    expect(refusal(10, { tenant: 'globex' })).toMatchObject({ retryAfterMs: HOUR - HOUR / 30 })
    await clock.advance(HOUR + HOUR / 30)
    expect(refusal(10, { tenant: 'globex' })).toBeUndefined()
    await clock.advance(23 * HOUR)
    expect(refusal(10, { tenant: 'acme' })).toBeUndefined()
    expect(budgets.standings()).toEqual([])
  })

  it('is known of so many accounts, those that have used most', () => {
    const { clock, budgets } = setUp(limits, { maxAccounts: 10 })
    budgets.heed(
      Array.from({ length: 40 }, (_, tenant) => each(`t${tenant % 20}`, (tenant % 20) / 2, clock.wallTime())),
    )
    const known = budgets.standings().map(({ of }) => of.tenant)
    expect(known.length).toBeLessThanOrEqual(10)
    expect(known).toContain('t19')
  })

  it('that is none is refused, and changes nothing', () => {
    const { clock, budgets, refusal } = setUp(limits)
    const good = each('acme', 9, clock.wallTime())
    for (const bad of [undefined, [good, 'x'], [good, { ...good, cost: -1 }], [good, { ...good, of: { tenant: 5 } }]]) {
      expect(() => budgets.heed(bad as never, { isAll: true })).toThrow(/spending/)
    }
    expect(refusal(10, { tenant: 'acme' })).toBeUndefined()
  })
})

describe('a wrong option', () => {
  const good = { name: 'b', period: 'day', maxCost: 1 } as const
  for (const [what, options] of Object.entries({
    'no limits': { limits: [] },
    'two of one name': { limits: [good, good] },
    'a name with spaces': { limits: [{ ...good, name: 'my budget' }] },
    'no amount': { limits: [{ name: 'b', period: 'day' }] },
    'a negative amount': { limits: [{ ...good, maxCost: -1 }] },
    'an amount that is no number': { limits: [{ ...good, softTokens: '5' }] },
    'another period': { limits: [{ ...good, period: 'year' }] },
    'another window': { limits: [{ ...good, window: 'sliding' }] },
    'another way': { limits: [{ ...good, onSoft: 'stop' }] },
    'an unknown dimension': { limits: [{ ...good, per: ['user'] }] },
    'an unknown scope': { limits: [{ ...good, only: { user: 'a' } }] },
    'a scope of nothing': { limits: [{ ...good, only: { tenant: [] } }] },
    'a scope of a key instead of its label': { limits: [{ ...good, only: { key: 'sk-proj-Abc123' } }] },
    'too few accounts': { limits: [good], maxAccounts: 1 },
    'fewer tokens than none': { limits: [good], expectedOutputTokens: -1 },
  })) {
    it(`is refused: ${what}`, () => {
      expect(() => createBudgets(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    })
  }

  it('does not show a key in its message', () => {
    const limits = [{ ...good, only: { key: 'sk-proj-Abc123' } }]
    expect(() => createBudgets({ limits })).toThrow(/^(?!.*Abc123)/)
  })
})
