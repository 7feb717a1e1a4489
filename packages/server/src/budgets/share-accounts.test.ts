import { createBudgets } from '@holdfast/ai'
import type { BudgetLimit } from '@holdfast/ai'
import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { shareAccounts } from './share-accounts.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
  await store.asWorker('default', (transaction) =>
    transaction.insertInto('tenants').values({ id: 'default', name: 'default' }).execute(),
  )
}, 60_000)
afterAll(() => store.close())

const ends: (() => Promise<unknown>)[] = []
beforeEach(() => store.asWorker('default', (transaction) => transaction.deleteFrom('budget_spending').execute()))
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const EACH: BudgetLimit = { name: 'each', per: ['tenant'], period: 'month', maxCost: 10 }
const AWAY = new HoldfastError({
  code: 'STORE_UNREACHABLE',
  category: 'network',
  message: 'away',
  retryable: true,
  mayHaveTakenEffect: false,
})

/** One server of a fleet, on a clock of its own. */
async function join(wallTime = Date.now(), limits: readonly BudgetLimit[] = [EACH]) {
  const clock = fakeClock({ wallTime })
  const log = fakeLog()
  const budgets = createBudgets({ limits, clock })
  const is = { server: randomUUID(), away: false, rounds: 0 }
  const shared = shareAccounts({
    budgets,
    server: () => is.server,
    log,
    clock,
    store: {
      asWorker: (...work) => {
        is.rounds += 1
        return is.away ? Promise.reject(AWAY) : store.asWorker(...work)
      },
    },
  })
  await shared.begun
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (!isStopped) await shared.stop()
    isStopped = true
  }
  ends.push(stop)
  /** The next round, to its end. */
  const round = async (): Promise<void> => {
    const before = is.rounds
    await expect.poll(() => clock.settle().then(() => clock.pending)).toBe(1)
    await clock.advance(10_000)
    await expect.poll(() => clock.settle().then(() => clock.pending)).toBe(1)
    expect(is.rounds).toBeGreaterThan(before)
  }
  const spend = (tenant: string, cost: number): void =>
    budgets.reserve({ tenant }, { cost, tokens: 1, requests: 1 }).settle({ cost, tokens: 1, requests: 1 })
  const hasRoom = (tenant: string, cost: number): boolean =>
    budgets.hasRoom({ tenant }, { cost, tokens: 1, requests: 1 })
  return { clock, log, budgets, is, round, stop, spend, hasRoom }
}

describe('servers of a store', () => {
  it('know what all of them have spent together, each time anew, and count nothing twice', async () => {
    const [first, second, third] = [await join(), await join(), await join()]
    first.spend('acme', 4)
    second.spend('acme', 3)
    for (const one of [first, second, third, first, second]) await one.round()
    for (const one of [first, second, third]) {
      expect([one.hasRoom('acme', 3), one.hasRoom('acme', 3.1)]).toEqual([true, false])
    }
    first.spend('acme', 2)
    for (const one of [first, second, first]) await one.round()
    for (const one of [first, second]) expect([one.hasRoom('acme', 1), one.hasRoom('acme', 1.1)]).toEqual([true, false])
    expect(third.hasRoom('globex', 10)).toBe(true)
  })

  it('know at their start what those have spent who have gone', async () => {
    const first = await join()
    first.spend('acme', 8)
    await first.stop()
    const second = await join()
    expect([second.hasRoom('acme', 2), second.hasRoom('acme', 2.1)]).toEqual([true, false])
    expect(second.budgets.snapshot().accounts).toEqual([])
  })

  it('go on by what they knew while the store is away, which is said once, and catch up', async () => {
    const [first, second] = [await join(), await join()]
    first.spend('acme', 6)
    await first.round()
    await second.round()
    second.is.away = true
    for (let count = 0; count < 3; count++) await second.round()
    expect([second.hasRoom('acme', 4), second.hasRoom('acme', 4.1)]).toEqual([true, false])
    second.spend('acme', 1)
    first.spend('globex', 9)
    await first.round()
    second.is.away = false
    await second.round()
    await first.round()
    expect(second.hasRoom('globex', 2)).toBe(false)
    expect(first.hasRoom('acme', 3.1)).toBe(false)
    expect(second.log.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('that take over the accounts of another process are that one from then on', async () => {
    const [first, second] = [await join(), await join()]
    first.spend('acme', 2)
    second.spend('acme', 3)
    await first.round()
    // What `second` finds in a file that has become free.
    await first.stop()
    second.budgets.restore(first.budgets.snapshot())
    await second.round()
    second.is.server = first.is.server
    await second.round()
    const third = await join()
    for (const one of [second, third]) expect([one.hasRoom('acme', 5), one.hasRoom('acme', 5.1)]).toEqual([true, false])
  })

  it('let each limit be another one for another server', async () => {
    const [first, second] = [await join(), await join(Date.now(), [{ ...EACH, period: 'week' }])]
    first.spend('acme', 10)
    await first.round()
    await second.round()
    expect(second.hasRoom('acme', 10)).toBe(true)
  })

  it('take away what no longer counts', async () => {
    const now = Date.now()
    const old = await join(now - 40 * 86_400_000)
    old.spend('acme', 10)
    await old.stop()
    const rows = () =>
      store.asWorker('default', (transaction) => transaction.selectFrom('budget_spending').select('cost').execute())
    expect(await rows()).toEqual([{ cost: 10 }])
    const next = await join(now)
    await expect.poll(rows).toEqual([])
    expect(next.hasRoom('acme', 10)).toBe(true)
  })
})
