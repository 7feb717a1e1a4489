import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { ask } from './harness/ask.ts'
import type { Answer } from './harness/ask.ts'
import { startDesk } from './harness/desk.ts'
import type { Desk } from './harness/desk.ts'
import { until } from './harness/fleet.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'

const KEYS = {
  acme: 'key-of-acme-0123456789',
  globex: 'key-of-globex-0123456789',
  initech: 'key-of-initech-0123456789',
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Servers of one database, each with a directory of its own; each tenant may ask the model twice a day. */
async function setUp() {
  const postgres = await startPostgres()
  ends.push(() => postgres.stop())
  const url = await postgres.newDatabase()
  const start = async (): Promise<Desk> => {
    const data = await mkdtemp(join(tmpdir(), 'holdfast-budgets-'))
    ends.push(() => rm(data, { recursive: true, force: true }))
    const desk = await startDesk({
      directory: fileURLToPath(new URL('fixture/budgets', import.meta.url)),
      env: {
        DATABASE_URL: url,
        TEST_DATA_DIRECTORY: data,
        MY_OPENAI_KEY: 'sk-openai-of-the-test',
        HOLDFAST_API_KEYS: Object.entries(KEYS)
          .map(([tenant, key]) => `${tenant}:${key}`)
          .join(','),
      },
    })
    ends.push(() => desk.stop('SIGKILL'))
    return desk
  }
  return { postgres, start }
}

const asks = (desk: Desk, tenant: keyof typeof KEYS, question: string): Promise<Answer> =>
  ask(desk, question, { model: 'paid', headers: { authorization: `Bearer ${KEYS[tenant]}` } })

/** What a server says of a tenant, once it says that it has used so much in all. */
async function standing(desk: Desk, tenant: string, requests: number): Promise<unknown> {
  return until(`${requests} requests of ${tenant}`, async () => {
    const headers = { authorization: `Bearer ${desk.adminToken}` }
    const { accounts } = (await (await fetch(`${desk.url}/admin/budgets`, { headers })).json()) as {
      accounts: {
        budget: string
        of: Record<string, string>
        used: { requests: number }
        elsewhere?: { requests: number }
        state: string
      }[]
    }
    const found = accounts.find(({ budget, of }) => budget === 'each-tenant' && of['tenant'] === tenant)
    if (found === undefined || found.used.requests + (found.elsewhere?.requests ?? 0) !== requests) return undefined
    return [found.used.requests, found.elsewhere?.requests ?? 0, found.state]
  })
}

describe.skipIf(POSTGRES === '')('a budget of several servers', () => {
  it('is one, but for a second; also for a server whose disk is lost, and while PostgreSQL is away', async () => {
    const { postgres, start } = await setUp()
    const first = await start()
    const second = await start()
    expect((await asks(first, 'acme', 'What is a jet?')).tier).toBe('models')
    expect(await standing(second, 'acme', 1)).toEqual([0, 1, 'soft'])
    expect((await asks(second, 'acme', 'What is a jet?')).tier).toBe('models')
    expect(await standing(first, 'acme', 2)).toEqual([1, 1, 'hard'])
    for (const desk of [first, second]) {
      expect(await asks(desk, 'acme', 'What is a light jet?')).toMatchObject({ status: 429 })
    }

    // What it has spent stays spent, though nobody has its disk any more.
    await second.stop('SIGKILL')
    const third = await start()
    expect(await asks(third, 'acme', 'What is a heavy jet?')).toMatchObject({ status: 429 })
    expect(await standing(third, 'acme', 2)).toEqual([0, 2, 'hard'])

    await postgres.kill()
    expect((await asks(first, 'globex', 'What is a jet?')).tier).toBe('models')
    expect((await asks(first, 'globex', 'What is a heavy jet?')).tier).toBe('models')
    expect((await asks(first, 'globex', 'What is a light jet?')).status).toBe(429)
    expect((await asks(first, 'acme', 'What is a light jet?')).status).toBe(429)
    await until('the log says so', async () => first.output().includes('is not known now'))
    // Each has its own, and what it last knew.
    expect((await asks(third, 'globex', 'What is a jet?')).tier).toBe('models')
    await postgres.start()
    expect(await standing(third, 'globex', 3)).toEqual([1, 2, 'hard'])
    expect((await asks(third, 'globex', 'What is a light jet?')).status).toBe(429)
    expect((await first.stop('SIGTERM')).code).toBe(0)
  }, 180_000)
})
