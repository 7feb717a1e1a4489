import { subscribe } from '@holdfast/agents/events'
import { createOrchestrator } from '@holdfast/agents/orchestrator'
import { CHARTER_KINDS, createSync } from '@holdfast/agents/sync'
import type { SourceRecord } from '@holdfast/agents/sync'
import { json, openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, modelThat, quote, setUp as setUpDesk, TEXT } from './request-desk.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

/** A desk on the store of this file. */
const setUp = (options: Omit<Parameters<typeof setUpDesk>[0], 'store'> = {}) => setUpDesk({ store, ...options })

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
    expect(letters[0]).toMatchObject({ to: ['ada@example.com'], subject: 'Your flight: KTEB to KMIA, 2026-11-27' })
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

  it('waits as long however often it is told that there is something to see', async () => {
    const { desk, market, pass, rfqId, start, status, tenant, workflows } = await setUp()
    const { requestId } = await start(TEXT)
    market.list = { ...market.list, unanswered: [{ id: 'acraft-9', aircraftType: 'X', operator: 'Slow Air' }] }
    for (let told = 0; told < 8; told += 1) {
      await desk.hooks!['avinode']!({
        tenant,
        body: { href: `https://x/rfqs/${rfqId}` },
        workflows,
        signal: new AbortController().signal,
      })
      await pass(0)
    }
    expect(await status(requestId)).toBe('searching')
    await pass(59 * MINUTE_MS)
    expect(await status(requestId)).toBe('searching')
    await pass(MINUTE_MS)
    expect(await status(requestId)).toBe('nothing-found')
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

const GOOD_REASONS = 'Operator {} has the lowest price and 7 seats for your 4 passengers.'

/** A model that answers both kinds of questions, with what a test says about the letter and the reasons. */
function writer({ letter, reason }: { readonly letter?: object; readonly reason?: (id: string) => string } = {}) {
  const asked: string[] = []
  const model = modelThat((question) => {
    asked.push(question)
    const ids = [...new Set(question.match(/aquote-\d+/g))]
    if (ids.length === 0)
      return JSON.stringify(
        letter ?? { opening: 'How good to hear from you, Ada!', closing: 'We look forward to your answer.' },
      )
    const said = reason ?? ((id: string) => GOOD_REASONS.replace('{}', id.replace('aquote-', '')))
    return JSON.stringify({ reasons: ids.map((quoteId) => ({ quoteId, text: said(quoteId) })) })
  })
  return { asked, model }
}

describe('a quote that comes after the proposal was made', () => {
  it('is told to the desk with its place, once, and the proposal stays as it was', async () => {
    const { desk, letters, market, pass, rfqId, staff, start, status, tenant, workflows } = await setUp()
    const { signal } = new AbortController()
    const tell = () => desk.hooks!['avinode']!({ tenant, body: { rfq: rfqId }, workflows, signal })
    const { requestId, runId } = await start(TEXT)
    market.list = { quotes: [quote('1', 21_000)], unanswered: [] }
    await pass(10 * MINUTE_MS)
    expect(await status(requestId)).toBe('waits-for-approval')

    // What an event starts is started however late somebody listens.
    const orchestrator = createOrchestrator({ workflows, specialists: {}, triggers: desk.triggers })
    const listen = async (many: number): Promise<void> => {
      const told = Promise.withResolvers<void>()
      let left = many
      const { stop } = await subscribe({
        store,
        name: 'desks',
        events: desk.triggers!.map(({ event }) => event),
        tenants: [tenant],
        handle: async (by, { id, event, payload }) => {
          await orchestrator.handle(by, { id, event, payload, requestId })
          left -= 1
          if (left === 0) told.resolve()
        },
      })
      if (many > 0) await told.promise
      await stop()
    }
    await listen(0)
    market.list = { quotes: [quote('1', 21_000), quote('3', 15_000)], unanswered: [] }
    await tell()
    await tell()
    await listen(2)
    await pass(0)
    expect(letters).toHaveLength(1)
    expect(letters[0]).toMatchObject({ to: ['desk@example.com'], subject: 'The charter desk: a late quote' })
    expect(letters[0]!.text).toContain('- place 1 of 2: Phenom 300, Operator 3: 15,000 USD (the lowest price')
    const run = await workflows.get(staff, runId)
    expect(run!.steps.find(({ kind }) => kind === 'approval')!.spec).toMatchObject({
      ask: { ranking: [{ quoteId: 'aquote-1' }] },
    })
  })
})

describe('the words of a request', () => {
  /** Runs a request to its approval. */
  async function proposed(setting: Awaited<ReturnType<typeof setUp>>, passing = (work: Promise<void>) => work) {
    const { market, pass, staff, start, tenant, workflows } = setting
    const { requestId, runId } = await start(TEXT)
    market.list = { quotes: [quote('1', 21_000), quote('2', 18_000)], unanswered: [] }
    await passing(pass(10 * MINUTE_MS))
    const run = await workflows.get(staff, runId)
    const { ask } = run!.steps.find(({ kind }) => kind === 'approval')!.spec as {
      ask: { letter: { text: string }; ranking: { quoteId: string; inWords?: string }[] }
    }
    const written = await store.asWorker(tenant, async (transaction) => {
      const told = await transaction
        .selectFrom('outbox')
        .select('payload')
        .where('event', '=', 'text-written')
        .orderBy('seq')
        .execute()
      const noted = await transaction
        .selectFrom('activities')
        .select('details')
        .where('activity', '=', 'text-written')
        .where('request_id', '=', requestId)
        .execute()
      expect(noted).toHaveLength(told.length)
      return told.map(({ payload }) => payload)
    })
    return { ...ask, written }
  }
  const TEMPLATE = /^Dear Ada Lovelace,\n\nthank you for your request: KTEB to KMIA/

  it('are those of a model, around offers and prices that are the desk’s own', async () => {
    const { asked, model } = writer()
    const { letter, ranking, written } = await proposed(await setUp({ model }))
    expect(letter.text).toMatch(/^Dear Ada Lovelace,\n\nHow good to hear from you, Ada!\n\nThese are the best 2/)
    expect(letter.text).toContain(`1. Phenom 300, Operator 2: 18,000 USD (${GOOD_REASONS.replace('{}', '2')})`)
    expect(letter.text).toMatch(/We look forward to your answer\.\n\nThe charter desk$/)
    expect(ranking.map(({ quoteId }) => quoteId)).toEqual(['aquote-2', 'aquote-1'])
    expect(written).toEqual([
      { text: 'reasons', by: 'model', model: 'mock-provider:writer' },
      { text: 'proposal', by: 'model', model: 'mock-provider:writer' },
    ])
    // No model is told a price.
    expect(asked.join()).not.toMatch(/18.?000|21.?000|USD/)
  })

  it('are the desk’s own while the model hangs, and the request goes on', async () => {
    const setting = await setUp({ model: modelThat(() => undefined) })
    const { letter, written } = await proposed(setting, async (work) => {
      let isOver = false
      const over = work.finally(() => (isOver = true))
      for (let second = 0; !isOver && second < 60; second += 1) {
        await new Promise((resolve) => setImmediate(resolve))
        if (setting.clock.pending > 0) await setting.clock.advance(1_000)
      }
      await over
    })
    expect(letter.text).toMatch(TEMPLATE)
    expect(written).toEqual([
      { text: 'reasons', by: 'template', reason: expect.stringMatching(/^[A-Z_]+$/) },
      { text: 'proposal', by: 'template', reason: expect.stringMatching(/^[A-Z_]+$/) },
    ])
  })

  it.each([
    ['a price', 'For only 12,500 we fly you there.', '"12500", which is in none of the facts'],
    ['a price in words', 'It costs twelve thousand.', 'a number in words'],
    ['a price of another offer', 'It costs USD 21000.', '"USD", which is in none of the facts'],
    ['a tail number', 'You will fly on N417QS.', '"N417QS", which is in none of the facts'],
    ['a promise', 'Your flight is confirmed.', 'a promise'],
  ])('are the desk’s own where the model invents %s', async (_, opening, reason) => {
    const { model } = writer({ letter: { opening, closing: 'Good-bye.' }, reason: () => opening })
    const { letter, ranking, written } = await proposed(await setUp({ model }))
    expect(letter.text).toMatch(TEMPLATE)
    expect(ranking.every(({ inWords }) => inWords === undefined)).toBe(true)
    expect(written).toEqual([
      { text: 'reasons', by: 'template', reason: `the model wrote ${reason}` },
      { text: 'proposal', by: 'template', reason: `the model wrote ${reason}` },
    ])
  })

  it.each(['no JSON', '{}', '{"reasons":[],"opening":"","closing":""}'])(
    'are the desk’s own where the model answers with %s',
    async (text) => {
      const { letter, written } = await proposed(await setUp({ model: modelThat(() => text) }))
      expect(letter.text).toMatch(TEMPLATE)
      expect(written).toMatchObject([{ by: 'template' }, { by: 'template' }])
    },
  )

  it('are for known quotes alone: one that there is not, or a reason of another operator, and none is used', async () => {
    for (const reason of [() => 'Operator 1 is cheap.', () => 'It has 8 seats.']) {
      const { ranking } = await proposed(await setUp({ model: writer({ reason }).model }))
      expect(ranking.every(({ inWords }) => inWords === undefined)).toBe(true)
    }
  })
})

describe('who a client is', () => {
  async function clientFrom(setting: Awaited<ReturnType<typeof setUp>>) {
    await setting.start(TEXT)
    for (let minute = 0; minute < 5; minute += 1) await setting.pass(MINUTE_MS)
    return store.asWorker(setting.tenant, (transaction) =>
      transaction.selectFrom('clients').select(['name', 'phone', 'source', 'profile']).executeTakeFirstOrThrow(),
    )
  }

  it('is told by the sheet', async () => {
    expect(await clientFrom(await setUp())).toEqual({
      name: 'Ada Lovelace',
      phone: '+1 555 0101',
      source: 'sheet',
      profile: { VIP: true },
    })
  })

  it('is told by the store while the sheet is down', async () => {
    const setting = await setUp()
    setting.failing.sheet = true
    const known = { email: 'ada@example.com', name: 'Ada King', source: 'request', profile: json({}) }
    await store.asWorker(setting.tenant, (transaction) => transaction.insertInto('clients').values(known).execute())
    expect(await clientFrom(setting)).toMatchObject({ name: 'Ada King' })
    const runs = await setting.workflows.list(setting.staff, { limit: 100 })
    const { runId } = runs.find(({ workflow }) => workflow === 'client-data')!
    expect(await setting.workflows.result(setting.staff, runId)).toMatchObject({ source: 'store', isPartial: true })
  })

  it('keeps of a malformed row what is right, and nothing of a row of somebody else', async () => {
    const setting = await setUp()
    setting.market.rows = [
      { row: 2, values: { Name: 42, 'e-mail ': 'ADA@example.com', Phone: 15550101, Notes: ['x'] } },
    ]
    expect(await clientFrom(setting)).toEqual({
      name: 'ada@example.com',
      phone: '15550101',
      source: 'sheet',
      profile: {},
    })
    const other = await setUp()
    other.market.rows = [{ row: 2, values: { Name: 'Eve', 'E-mail': 'eve@example.com' } }]
    expect(await clientFrom(other)).toMatchObject({ name: 'ada@example.com', source: 'request' })
  })

  it('is what the request says where the sheet answers in another form', async () => {
    const setting = await setUp()
    setting.market.rows = ['Ada Lovelace']
    expect(await clientFrom(setting)).toMatchObject({ name: 'ada@example.com', source: 'request' })
  })
})

describe('a client whom several sources know', () => {
  const email = 'ada@example.com'

  /** What becomes of a client of whom sources, and before them the store, say this. */
  async function known(records: readonly Partial<SourceRecord>[], before?: { readonly name: string }) {
    const { client } = CHARTER_KINDS
    const sync = createSync({ store, kinds: { client: { ...client, fields: { ...client.fields, company: 'ask' } } } })
    const { pass, staff, start, tenant, workflows } = await setUp({ sync })
    const { refused } = await sync.ingest(
      tenant,
      records.map(({ fields, ...more }, index) => ({
        kind: 'client',
        source: 'crm',
        id: String(index),
        observedAt: index,
        fields: { email, ...fields },
        ...more,
      })),
    )
    expect(refused).toEqual([])
    if (before !== undefined) {
      const row = { email, source: 'request', profile: json({}), ...before }
      await store.asWorker(tenant, (transaction) => transaction.insertInto('clients').values(row).execute())
    }
    await start(TEXT)
    for (let minute = 0; minute < 5; minute += 1) await pass(MINUTE_MS)
    const runs = await workflows.list(staff, { limit: 100 })
    const { runId } = runs.find(({ workflow }) => workflow === 'client-data')!
    const rows = await store.asWorker(tenant, async (transaction) => ({
      kept: await transaction
        .selectFrom('clients')
        .select(['name', 'phone', 'source', 'profile'])
        .executeTakeFirstOrThrow(),
      told: await transaction
        .selectFrom('activities')
        .select('details')
        .where('activity', '=', 'client-found')
        .executeTakeFirst(),
    }))
    return { ...rows, found: await workflows.result(staff, runId) }
  }

  it('is what they together know, before the sheet, with the source of each field', async () => {
    const { found, kept, told } = await known([
      { fields: { name: 'Ada King', phone: '+1 555 0100', tags: ['vip'] } },
      { source: 'list', fields: { name: 'Ada of Lovelace', tags: ['board'] } },
    ])
    const provenance = { email: 'list', name: 'list', phone: 'crm', tags: 'list' }
    expect(found).toMatchObject({ name: 'Ada of Lovelace', source: 'sync', provenance, isPartial: false })
    expect(kept).toMatchObject({ name: 'Ada of Lovelace', phone: '+1 555 0100', source: 'sync' })
    expect((kept.profile as { tags: string[] }).tags.toSorted()).toEqual(['board', 'vip'])
    expect(told?.details).toEqual({ source: 'sync', provenance })
  })

  it('has nothing that a person still has to decide', async () => {
    const { kept } = await known([
      { fields: { name: 'Ada', company: 'Analytical Engines' } },
      { source: 'list', fields: { company: 'Difference Engines' } },
    ])
    expect(kept).toMatchObject({ name: 'Ada', profile: {} })
    // Two records of one source with one address: nobody has said yet whether they are one person.
    const twins = await known([{ fields: { name: 'Ada', phone: '1' } }, { fields: { name: 'Eve', phone: '1' } }])
    expect(twins.found).toMatchObject({ name: email, source: 'sync', provenance: { phone: 'crm' } })
    expect(twins.kept).toMatchObject({ name: email, phone: '1' })
  })

  it('stays in the store as he is there, since it is one of the sources', async () => {
    const { found, kept } = await known([{ fields: { name: 'Ada King' } }], { name: 'A. Lovelace' })
    expect(found).toMatchObject({ name: 'Ada King', source: 'sync' })
    expect(kept).toMatchObject({ name: 'A. Lovelace', source: 'request' })
  })

  it('is told by the sheet where they do not know him, or have all deleted him', async () => {
    for (const records of [[], [{ deleted: true }]]) {
      const { found, kept, told } = await known(records)
      expect(found).toMatchObject({ name: 'Ada Lovelace', source: 'sheet', isPartial: false })
      expect([kept.source, told]).toEqual(['sheet', undefined])
    }
  })
})

describe('the daily report', () => {
  it('counts what came since the one before, and says from when to when', async () => {
    const { desk, letters, pass, start, tenant, workflows } = await setUp()
    await start(TEXT)
    const [schedule] = desk.schedules!
    expect(schedule).toMatchObject({ cron: '0 9 * * *', timeZone: 'America/New_York' })
    const report = async (from: number, until: number): Promise<string> => {
      await workflows.start(tenant, schedule!.workflow, schedule!.input({ from, until }) as never)
      await pass(0)
      const { subject, text } = letters.findLast(({ to }) => to[0] === 'desk@example.com')!
      return `${subject}\n${text}`
    }
    // Rows have the time of the store.
    const now = Date.now() + MINUTE_MS
    const longAgo = now - 26 * HOUR_MS
    await store.asWorker(tenant, async (transaction) => {
      const old = { user_id: 'ada', text: TEXT, status: 'old', criteria: json({}) }
      await transaction
        .insertInto('requests')
        .values({ ...old, created_at: new Date(longAgo) })
        .execute()
    })
    const of25Hours = await report(longAgo + HOUR_MS, now)
    expect(of25Hours).toMatch(/^The charter desk: report of \d{4}-\d\d-\d\d\nRequests from [^]*- searching: 1\n/)
    expect(of25Hours).not.toMatch(/old/)
    expect(await report(longAgo, now - HOUR_MS)).toMatch(/- old: 1/)
    // New York turned its clocks back in that night.
    const turned = await report(Date.UTC(2026, 9, 31, 13), Date.UTC(2026, 10, 1, 14))
    expect(turned).toContain('Requests from 31 Oct 2026, 09:00 to 1 Nov 2026, 09:00 (America/New_York):\n\n- none')
  })
})
