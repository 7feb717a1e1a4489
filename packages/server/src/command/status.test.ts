import type { AddressInfo } from 'node:net'
import { createBudgets } from '@holdfast/ai'
import type { Budgets } from '@holdfast/ai'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'
import { readEnvironment } from '../environment/environment.ts'
import { runStatus } from './status.ts'

let running: FastifyInstance | undefined

afterEach(async () => {
  await running?.close()
  running = undefined
})

async function status(budgets?: Budgets, isKept = true): Promise<{ code: number; output: string }> {
  const { app } = await fakeApp({ context: { budgets, accounts: budgets && { isKept } } })
  running = app
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const values = { HOLDFAST_URL: `http://127.0.0.1:${port}`, HOLDFAST_ADMIN_TOKEN: ADMIN_TOKEN }
  let output = ''
  const write = (text: string): void => void (output += text)
  return { code: await runStatus(readEnvironment(values), { out: write, err: write }), output }
}

describe('holdfast status', () => {
  it('shows how each account of the budgets stands, and no more than twenty of them', async () => {
    const budgets = createBudgets({
      limits: [{ name: 'each', per: ['tenant'], period: 'day', softCost: 0.2, maxRequests: 1 }],
    })
    for (let tenant = 1; tenant <= 22; tenant++) {
      const amounts = { cost: 0.1 + 0.2, tokens: 1, requests: 1 }
      budgets.reserve({ tenant: `t${tenant}` }, amounts).settle(amounts)
    }
    const { code, output } = await status(budgets)
    expect(code).toBe(0)
    expect(output).toMatch(
      /budget each {2}tenant t1 +hard {2}cost 0\.3 of 0\.2 \(soft\), requests 1 of 1 {2}until \d{4}-\d\d-\d\dT00:00:00\.000Z$/m,
    )
    expect(output.match(/^ {2}budget each/gm)).toHaveLength(20)
    expect(output).toContain('and 2 more: GET /admin/budgets')
    expect(output).not.toContain('not kept now')
  })

  it('says what other servers have used beside it', async () => {
    const budgets = createBudgets({ limits: [{ name: 'all', period: 'day', maxCost: 5, maxRequests: 9 }] })
    const startsAt = Date.now()
    budgets.heed([
      { budget: 'all', of: {}, period: 'day', window: 'fixed', startsAt, cost: 0.5, tokens: 1, requests: 2 },
    ])
    expect((await status(budgets)).output).toContain('cost 0 and elsewhere 0.5 of 5, requests 0 and elsewhere 2 of 9')
  })

  it('says when a restart would forgive what is spent', async () => {
    const budgets = createBudgets({ limits: [{ name: 'all', period: 'month', maxCost: 5 }] })
    expect((await status(budgets, false)).output).toContain('Accounts of budgets are not kept now')
  })

  it('says nothing of budgets where there are none', async () => {
    expect((await status()).output).not.toContain('budget')
  })
})
