import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, QUESTION } from './harness/ask.ts'
import type { Answer } from './harness/ask.ts'
import { startDesk, type Desk } from './harness/desk.ts'

const KEYS = {
  acme: 'key-of-acme-0123456789',
  globex: 'key-of-globex-0123456789',
  initech: 'key-of-initech-0123456789',
}
const MODEL_KEY = 'sk-openai-of-the-test'

let data: string
let desk: Desk
const start = async (directory = data): Promise<void> => {
  desk = await startDesk({
    directory: fileURLToPath(new URL('fixture/budgets', import.meta.url)),
    env: {
      TEST_DATA_DIRECTORY: directory,
      MY_OPENAI_KEY: MODEL_KEY,
      HOLDFAST_API_KEYS: Object.entries(KEYS)
        .map(([tenant, key]) => `${tenant}:${key}`)
        .join(','),
    },
  })
}
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'holdfast-budgets-'))
  await start()
})
afterEach(async () => {
  await desk.clearFaults()
  await desk.forgetRequests()
  await desk.resetCircuits()
})
afterAll(async () => {
  await desk.stop('SIGKILL')
  await rm(data, { recursive: true, force: true })
})

const asks = (tenant: keyof typeof KEYS, model: string, question: string, stream = false): Promise<Answer> =>
  ask(desk, question, { model, stream, headers: { authorization: `Bearer ${KEYS[tenant]}` } })

interface Account {
  readonly budget: string
  readonly of: Record<string, string>
  readonly state: string
  readonly used: { readonly cost: number; readonly requests: number }
  readonly windowEndsAt: string
}

async function accounts(): Promise<Account[]> {
  const headers = { authorization: `Bearer ${desk.adminToken}` }
  const response = await fetch(`${desk.url}/admin/budgets`, { headers })
  return ((await response.json()) as { accounts: Account[] }).accounts
}

it('answers up to the limit, tells of the soft one, and keeps other tenants out of it', async () => {
  expect((await asks('acme', 'paid', 'What is a jet?')).servedBy).toBe('gpt:gpt-5-mini')
  expect(await accounts()).toMatchObject([{ budget: 'each-tenant', of: { tenant: 'acme' }, state: 'soft' }])
  expect(desk.output()).toMatch(/"level":"warn".*"budget-soft-reached".*"who":"tenant acme"/)
  expect((await asks('acme', 'paid', 'What is a heavy jet?', true)).tier).toBe('models')
  expect((await asks('globex', 'paid', 'What is a jet?')).tier).toBe('models')
  for (const { used, windowEndsAt } of await accounts()) {
    expect(String(used.cost).length).toBeLessThan(16)
    expect(Date.parse(windowEndsAt) % 86_400_000).toBe(0)
  }
})

it('says 429 when nothing below has an answer, whole or as a stream, and asks no model', async () => {
  for (const stream of [false, true]) {
    const refused = await asks('acme', 'paid', 'What is a light jet?', stream)
    expect([refused.status, refused.error?.code, refused.error?.type]).toEqual([
      429,
      'budget_exceeded',
      'insufficient_quota',
    ])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(await desk.requests('llm')).toEqual([])
  expect((await accounts())[0]).toMatchObject({ of: { tenant: 'acme' }, state: 'hard', used: { requests: 2 } })
})

it('answers from the tiers below as long as they can, for every assistant with the same accounts', async () => {
  expect((await asks('acme', 'paid', 'What is a jet?')).tier).toBe('stale')
  await desk.fault('n8n', 'down')
  const answer = await asks('acme', 'charter', QUESTION)
  expect([answer.status, answer.tier, answer.servedBy]).toEqual([200, 'direct', 'rules'])
  expect(await desk.requests('llm')).toEqual([])
})

it('answers on /chat with 200 whatever a budget says', async () => {
  const response = await fetch(`${desk.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS.acme}` },
    body: JSON.stringify({ assistant: 'paid', message: 'Something that nobody has asked before' }),
  })
  expect(response.status).toBe(200)
  expect(((await response.json()) as { answer: string }).answer).toContain('+1 555 0100')
})

it('never says 429 after a workflow that may have done its work, nor while it is down', async () => {
  for (const fault of ['cut', 'down']) {
    await desk.fault('n8n', fault)
    const answer = await asks('acme', 'workflow', `Request a quote for the first one, please (${fault})`)
    expect([answer.status, answer.error?.code]).toEqual([503, 'no_answer'])
  }
})

it('holds a key to its own limit, by its label and the name of the model, and shows no key', async () => {
  const refused = await asks('initech', 'paid', 'What is a jet?')
  // What never has room has no time to wait for.
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null])
  const shown = await accounts()
  expect(shown).toContainEqual(expect.objectContaining({ budget: 'one-key', of: { key: 'initech.1' }, state: 'hard' }))
  for (const key of [...Object.values(KEYS), MODEL_KEY]) {
    expect(desk.output()).not.toContain(key)
    expect(JSON.stringify(shown)).not.toContain(key)
  }
})

describe('a restart', () => {
  const spent = async () => (await accounts()).map(({ budget, of, used }) => ({ budget, of, used }))

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s finds what was spent, and what is exhausted stays so',
    async (signal) => {
      const before = await spent()
      // Once in a second at most; what came after a silence is there at once.
      if (signal === 'SIGKILL') await new Promise((resolve) => setTimeout(resolve, 1_500))
      await desk.stop(signal)
      await start()
      expect(before).toContainEqual(expect.objectContaining({ of: { tenant: 'acme' } }))
      expect(await spent()).toEqual(before.filter(({ used }) => used.requests > 0))
      expect(desk.output()).toContain('accounts of budgets go on where they were')
      expect(await asks('acme', 'paid', 'What is a jet?')).toMatchObject({ status: 429 })
      expect((await asks('globex', 'paid', `What is a jet, after ${signal}?`)).status).toBe(
        signal === 'SIGTERM' ? 200 : 429,
      )
      expect((await desk.requests('llm')).length).toBe(signal === 'SIGTERM' ? 1 : 0)
    },
  )

  it('in the midst of an answer counts what was set aside for it', async () => {
    await desk.stop('SIGTERM')
    const directory = join(data, 'midst')
    await start(directory)
    await desk.fault('llm', 'hang')
    const asked = asks('acme', 'paid', 'What is a jet?').catch(() => undefined)
    await expect.poll(() => readdir(join(directory, 'budgets'))).toContain('values.log')
    await expect.poll(async () => (await desk.requests('llm')).length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await desk.stop('SIGKILL')
    await asked
    await start(directory)
    expect(await accounts()).toMatchObject([{ of: { tenant: 'acme' }, used: { requests: 1 } }])
  })

  it('with a file that is none says so, keeps it, and answers', async () => {
    await desk.stop('SIGTERM')
    const path = join(data, 'budgets')
    await writeFile(join(path, 'values.log'), 'lost in a fire')
    await start()
    expect(desk.output()).toMatch(/"level":"error".*"keptAs":"values.damaged-1".*accounts of budgets is damaged/)
    expect(await readdir(path)).toContain('values.damaged-1')
    expect((await asks('acme', 'paid', 'What is a jet?')).tier).toBe('models')
  })
})
