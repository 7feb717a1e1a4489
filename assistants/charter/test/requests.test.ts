import { randomUUID } from 'node:crypto'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Workflows, WorkflowsOptions } from '@holdfast/agents/workflows'
import type { Desk } from '@holdfast/agents/desks'
import { charterRequests } from '@holdfast/assistant-charter/requests'
import type { CharterRequestsOptions, CharterTools } from '@holdfast/assistant-charter/requests'
import type { Quote, QuoteList } from '@holdfast/connectors/avinode'
import type { EmailMessage } from '@holdfast/connectors/email'
import { fakeClock } from '@holdfast/core/testing'
import { json, openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let store: Store
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

const quote = (id: string, amount: number, more: Partial<Quote> = {}): Quote => ({
  id: `aquote-${id}`,
  aircraft: { id: `acraft-${id}`, aircraftType: 'Phenom 300', maxPassengers: 7, yearOfMake: 2020 },
  operator: `Operator ${id}`,
  price: { amount, currency: 'USD' },
  ...more,
})

/** A desk with a store in memory, a queue and a time by hand, and a market that says what the test wants. */
async function setUp(options: CharterRequestsOptions = {}) {
  const clock = fakeClock({ wallTime: Date.UTC(2026, 10, 25, 15) })
  const tenant = `t-${randomUUID()}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: 'T' }).execute(),
  )
  const market: { list: QuoteList; offers: number; asked: number; looks: number } = {
    list: { requestId: '', canceled: false, quotes: [], unanswered: [] },
    offers: 2,
    asked: 0,
    looks: 0,
  }
  const rfqId = `arfq-${Math.floor(Math.random() * 1e12)}`
  const letters: EmailMessage[] = []
  const keys = new Set<string>()
  const failing = { mail: 0, sheet: false, market: false }
  const ask = <T>(answer: T): Promise<T> =>
    failing.market ? Promise.reject(new Error('the market is down')) : Promise.resolve(answer)
  const tools: CharterTools = {
    avinode: {
      searchAircraft: () =>
        ask({
          offers: Array.from({ length: market.offers }, (_, n) => ({ id: `acraft-${n}`, aircraftType: 'Phenom 300' })),
        }),
      requestQuote: async () => {
        market.asked += 1
        return { requestId: rfqId, problems: [] }
      },
      readQuotes: () => {
        market.looks += 1
        return ask(market.list)
      },
    },
    mailer: {
      send: async (message, { idempotencyKey = '' } = {}) => {
        if (failing.mail > 0) {
          failing.mail -= 1
          throw new Error('the mail is down')
        }
        if (!keys.has(idempotencyKey)) letters.push(message)
        keys.add(idempotencyKey)
        return { id: idempotencyKey, rejected: [] }
      },
    },
    lookUpClient: async (email) => {
      if (failing.sheet) throw new Error('the sheet is down')
      return email === 'ada@example.com' ? { name: 'Ada Lovelace', phone: '+1 555 0101' } : undefined
    },
  }
  const definition = charterRequests({ quoteWaitMs: HOUR_MS, lookEveryMs: 10 * MINUTE_MS, tools, ...options })
  const desk: Desk = await definition.build({
    clock,
    store,
    contact: { name: 'The charter desk', email: 'desk@example.com' },
    integration: () => {
      throw new Error('not needed')
    },
    service: () => {
      throw new Error('not needed')
    },
  })
  const waiting: { data: unknown; dueAt: number }[] = []
  let handler: ((job: unknown) => unknown) | undefined
  const port = {
    add: (queue: string, data: unknown, { delayMs = 0 } = {}) => {
      waiting.push({ data, dueAt: clock.wallTime() + delayMs })
      return Promise.resolve({ queue, id: randomUUID(), state: 'added' })
    },
    work: (_queue: string, work: (job: unknown) => unknown) => {
      handler = work
      return Promise.resolve({ running: 0, stop: () => Promise.resolve() })
    },
  } as unknown as WorkflowsOptions['jobs']
  const workflows: Workflows = createWorkflows({ store, jobs: port, workflows: desk.workflows, clock, random: () => 1 })
  await workflows.work()
  const pass = async (ms: number): Promise<void> => {
    clock.setWallTime(clock.wallTime() + ms)
    for (;;) {
      const at = waiting.findIndex(({ dueAt }) => dueAt <= clock.wallTime())
      if (at < 0) return
      const [job] = waiting.splice(at, 1)
      await handler?.({ ...job!, tenant, signal: new AbortController().signal })
    }
  }
  const start = async (text: string, email = 'ada@example.com'): Promise<{ requestId: string; runId: string }> => {
    const opened = desk.open({ text, client: { email } })
    if ('missing' in opened) throw new Error(`missing: ${opened.missing.join(', ')}`)
    const { id: requestId } = await store.asWorker(tenant, (transaction) =>
      transaction
        .insertInto('requests')
        .values({ user_id: 'ada', text, criteria: json(opened.criteria) })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )
    const { runId } = await workflows.start(tenant, opened.workflow, opened.input as never, { requestId })
    await pass(0)
    return { requestId, runId }
  }
  const status = (id: string): Promise<string> =>
    store.asWorker(tenant, async (transaction) => {
      const row = await transaction
        .selectFrom('requests')
        .select('status')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return row.status
    })
  const staff = { tenant, user: 'grace', roles: ['staff'] }
  return { clock, desk, letters, market, pass, rfqId, staff, start, status, store, tenant, workflows, failing }
}

const TEXT = 'Four people, Teterboro to Miami on Friday'

describe('a request for a flight', () => {
  it('becomes a ranked proposal that a person approves, a letter, and another one after a day', async () => {
    const { desk, letters, market, pass, rfqId, staff, start, status, tenant, workflows } = await setUp()
    const { requestId, runId } = await start(TEXT)
    expect(await status(requestId)).toBe('searching')
    expect(market.asked).toBe(1)
    // A hint from outside leads to a look at once.
    market.list = { ...market.list, quotes: [quote('1', 21_000), quote('2', 18_000)], unanswered: [] }
    const { signal } = new AbortController()
    await desk.hooks!['avinode']!({ tenant, body: { href: `https://x/rfqs/${rfqId}` }, workflows, signal })
    await pass(0)
    expect(await status(requestId)).toBe('waits-for-approval')
    expect(letters).toEqual([])
    const run = await workflows.get(staff, runId)
    const approval = run!.steps.find(({ kind }) => kind === 'approval')!
    expect(approval.spec).toMatchObject({ ask: { ranking: [{ quoteId: 'aquote-2' }, { quoteId: 'aquote-1' }] } })
    await expect(workflows.approve({ tenant, user: 'eve' }, runId, approval.name)).rejects.toMatchObject({
      code: 'APPROVAL_NOT_ALLOWED',
    })
    await workflows.approve(staff, runId, approval.name)
    await pass(0)
    expect(await status(requestId)).toBe('proposed')
    expect(letters).toHaveLength(1)
    expect(letters[0]).toMatchObject({ to: 'ada@example.com', subject: 'Your flight: KTEB to KMIA, 2026-11-27' })
    expect(letters[0]!.text).toMatch(/^Dear Ada Lovelace,[^]*1\. Phenom 300, Operator 2: 18,000 USD \(the lowest price/)
    await pass(24 * HOUR_MS)
    expect(await status(requestId)).toBe('followed-up')
    expect(letters).toHaveLength(2)
    expect(await workflows.result(staff, runId)).toMatchObject({ status: 'followed-up' })
  })

  it('looks by itself where nobody tells it, says who has not answered, and is content with enough after half of the time', async () => {
    const { market, pass, staff, start, status, workflows } = await setUp({ quorum: 1 })
    const { requestId, runId } = await start(TEXT)
    market.list = {
      ...market.list,
      quotes: [quote('1', 21_000)],
      unanswered: [{ id: 'acraft-9', aircraftType: 'X', operator: 'Slow Air' }],
    }
    await pass(20 * MINUTE_MS)
    expect(await status(requestId)).toBe('searching')
    await pass(10 * MINUTE_MS)
    await pass(10 * MINUTE_MS)
    expect(await status(requestId)).toBe('waits-for-approval')
    const run = await workflows.get(staff, runId)
    expect(run!.steps.find(({ kind }) => kind === 'approval')!.spec).toMatchObject({ ask: { missing: ['Slow Air'] } })
  })

  it('tells the client when nobody can fly, and asks nobody', async () => {
    const { letters, market, start, status } = await setUp()
    market.offers = 0
    const { requestId } = await start(TEXT)
    expect(market.asked).toBe(0)
    expect(await status(requestId)).toBe('nothing-found')
    expect(letters[0]!.text).toMatch(/nobody could offer it/)
  })

  it('sends nothing that a person has rejected', async () => {
    const { letters, market, pass, staff, start, status, workflows } = await setUp()
    const { requestId, runId } = await start(TEXT)
    market.list = { ...market.list, quotes: [quote('1', 21_000)] }
    await pass(10 * MINUTE_MS)
    await workflows.reject(staff, runId, 'approve-proposal', { note: 'too dear' })
    await pass(0)
    expect(await status(requestId)).toBe('not-approved')
    expect(letters).toEqual([])
  })

  it('goes on without the sheet, and sends a letter once the mail is back', async () => {
    const { failing, letters, market, pass, staff, start, status, workflows } = await setUp()
    failing.sheet = true
    failing.mail = 2
    const { requestId, runId } = await start(TEXT, 'new@example.com')
    market.list = { ...market.list, quotes: [quote('1', 21_000)] }
    for (let minute = 0; minute < 12; minute += 1) await pass(MINUTE_MS)
    await workflows.approve(staff, runId, 'approve-proposal')
    for (let minute = 0; minute < 3; minute += 1) await pass(MINUTE_MS)
    expect(letters).toHaveLength(1)
    expect(letters[0]!.text).toMatch(/^Good day,/)
    expect(await status(requestId)).toBe('proposed')
  })

  it('outlasts a market that is away, while it searches and while it waits', async () => {
    const { failing, market, pass, start, status } = await setUp()
    failing.market = true
    const { requestId } = await start(TEXT)
    for (let minute = 0; minute < 30; minute += 1) await pass(MINUTE_MS)
    expect([await status(requestId), market.asked]).toEqual(['searching', 0])
    failing.market = false
    for (let minute = 0; minute < 6; minute += 1) await pass(MINUTE_MS)
    expect(market.asked).toBe(1)
    failing.market = true
    market.list = { ...market.list, quotes: [quote('1', 21_000)] }
    // Longer than operators have to answer.
    for (let minute = 0; minute < 90; minute += 5) await pass(5 * MINUTE_MS)
    expect(await status(requestId)).toBe('searching')
    failing.market = false
    for (let minute = 0; minute < 10; minute += 1) await pass(MINUTE_MS)
    expect(await status(requestId)).toBe('waits-for-approval')
  })

  it('stops when the client has answered', async () => {
    const { letters, market, pass, staff, start, status, tenant, workflows } = await setUp()
    const { requestId, runId } = await start(TEXT)
    market.list = { ...market.list, quotes: [quote('1', 21_000)] }
    await pass(10 * MINUTE_MS)
    await workflows.approve(staff, runId, 'approve-proposal')
    await pass(0)
    await workflows.signal(tenant, runId, 'client-answered')
    await pass(48 * HOUR_MS)
    expect(await status(requestId)).toBe('answered')
    expect(letters).toHaveLength(1)
  })

  it('is asked back for what is missing, and nothing is begun', async () => {
    const { desk } = await setUp()
    expect(desk.open({ text: 'To Miami please' })).toMatchObject({
      missing: expect.arrayContaining(['from', 'passengers', 'client.email']),
      question: expect.stringMatching(/^Please tell us /),
    })
  })

  it('refuses a hook that names no request, and passes over one of somebody else', async () => {
    const { desk, tenant, workflows } = await setUp()
    const { signal } = new AbortController()
    const hook = desk.hooks!['avinode']!
    await expect(hook({ tenant, body: { a: 1 }, workflows, signal })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(hook({ tenant, body: 'arfq-1', workflows, signal })).resolves.toBeUndefined()
  })
})

describe('the daily report', () => {
  it('counts the last 24 hours', async () => {
    const { clock, desk, letters, pass, start, tenant, workflows } = await setUp()
    await start(TEXT)
    const [schedule] = desk.schedules!
    expect(schedule).toMatchObject({ cron: '0 9 * * *', timeZone: 'America/New_York' })
    clock.setWallTime(Date.now() + MINUTE_MS)
    const at = clock.wallTime()
    await workflows.start(tenant, schedule!.workflow, schedule!.input(at) as never, {
      idempotencyKey: schedule!.key(at),
    })
    await pass(0)
    const report = letters.find(({ to }) => to === 'desk@example.com')!
    expect(report.subject).toMatch(/^The charter desk: report of \d{4}-\d\d-\d\d$/)
    expect(report.text).toMatch(/^- searching: 1$/m)
  })
})
