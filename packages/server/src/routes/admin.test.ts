import { createBudgets } from '@holdfast/ai'
import type { BudgetLimit } from '@holdfast/ai'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import type { BudgetsReport } from '../budgets/account-report.ts'
import { budgetsOfModel } from '../budgets/model-budgets.ts'

async function setUp(limits: readonly BudgetLimit[]) {
  const clock = fakeClock({ wallTime: Date.UTC(2026, 10, 26, 22) })
  const budgets = createBudgets({ limits, clock })
  const { app } = await fakeApp({ context: { budgets, clock } })
  const get = (token = ADMIN_TOKEN) =>
    app.inject({ url: '/admin/budgets', headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } })
  return { clock, budgets, get }
}

describe('GET /admin/budgets', () => {
  it('tells of every account whose it is, what was spent of what, and until when, without crumbs', async () => {
    const { budgets, get } = await setUp([{ name: 'each', per: ['tenant'], period: 'day', softCost: 0.25, maxCost: 5 }])
    for (const cost of [0.1, 0.2]) {
      budgets.reserve({ tenant: 'acme' }, { cost: 1, tokens: 9, requests: 1 }).settle({ cost, tokens: 7, requests: 1 })
    }
    budgets.reserve({ tenant: 'globex' }, { cost: 0.1, tokens: 2, requests: 1 })
    const response = await get()
    expect(response.headers['cache-control']).toBe('no-store')
    const common = {
      budget: 'each',
      period: 'day',
      window: 'fixed',
      windowEndsAt: '2026-11-27T00:00:00.000Z',
      refused: 0,
    }
    const limits = { soft: { cost: 0.25 }, max: { cost: 5 } }
    const none = { cost: 0, tokens: 0, requests: 0 }
    expect(response.json()).toEqual({
      at: '2026-11-26T22:00:00.000Z',
      accounts: [
        {
          ...common,
          ...limits,
          of: { tenant: 'acme' },
          state: 'soft',
          used: { cost: 0.3, tokens: 14, requests: 2 },
          reserved: none,
        },
        {
          ...common,
          ...limits,
          of: { tenant: 'globex' },
          state: 'ok',
          used: none,
          reserved: { cost: 0.1, tokens: 2, requests: 1 },
        },
      ],
    })
  })

  it('shows accounts that had nothing but refusals, before the others, until their period is over', async () => {
    const { clock, budgets, get } = await setUp([
      { name: 'all', period: 'month', maxRequests: 100 },
      { name: 'none', period: 'day', only: { tenant: 'acme' }, per: ['tenant'], maxCost: 0 },
    ])
    const amounts = { cost: 1, tokens: 1, requests: 1 }
    budgets.reserve({ tenant: 'globex' }, amounts).settle(amounts)
    expect(() => budgets.reserve({ tenant: 'acme' }, amounts)).toThrow(/no room/)
    const states = async (): Promise<unknown[]> =>
      (await get()).json<BudgetsReport>().accounts.map(({ budget, state, refused }) => [budget, state, refused])
    expect(await states()).toEqual([
      ['none', 'hard', 1],
      ['all', 'ok', 0],
    ])
    await clock.advance(2 * 3_600_000)
    expect(await states()).toEqual([['all', 'ok', 0]])
  })

  it('knows configured models by their names', async () => {
    const { budgets, get } = await setUp([{ name: 'eu', per: ['model', 'provider'], period: 'day', maxRequests: 1 }])
    const view = budgetsOfModel(budgets, { name: 'gpt-eu', provider: 'openai' })
    const subject = { tenant: 'acme', provider: 'openai.chat', model: 'gpt-5-mini' }
    const amounts = { cost: 0, tokens: 1, requests: 1 }
    expect(view.hasRoom(subject, amounts)).toBe(true)
    view.reserve(subject, amounts).settle(amounts)
    expect(view.hasRoom(subject, amounts)).toBe(false)
    expect((await get()).json().accounts).toMatchObject([
      { of: { provider: 'openai', model: 'gpt-eu' }, state: 'hard' },
    ])
  })

  it('is empty where nothing is limited, and for the holder of the token only', async () => {
    const { app } = await fakeApp()
    const headers = { host: '127.0.0.1', authorization: `Bearer ${ADMIN_TOKEN}` }
    expect((await app.inject({ url: '/admin/budgets', headers })).json()).toMatchObject({ accounts: [] })
    const { get } = await setUp([{ name: 'all', period: 'day', maxCost: 1 }])
    expect((await get('wrong')).statusCode).toBe(401)
  })
})

describe('what the admin token has done with circuits', () => {
  it('is kept, and not what was refused', async () => {
    const kept: unknown[] = []
    const { app } = await fakeApp({ context: { audit: async (...entry) => void kept.push(entry) } })
    const post = async (path: string): Promise<number> => {
      const headers = { host: '127.0.0.1', authorization: `Bearer ${ADMIN_TOKEN}` }
      return (await app.inject({ method: 'POST', url: `/admin/${path}`, headers })).statusCode
    }
    expect(await post('circuits/n8n/open')).toBe(200)
    expect(await post('circuits/none/open')).toBe(404)
    expect(await post('circuits/n8n/break')).toBe(404)
    expect(await post('reset-circuits')).toBe(200)
    expect(kept).toEqual([
      [{ tenant: 'default' }, { action: 'circuit-open', target: 'circuit:n8n', actor: 'admin' }],
      [{ tenant: 'default' }, { action: 'circuits-reset', actor: 'admin' }],
    ])
  })
})
