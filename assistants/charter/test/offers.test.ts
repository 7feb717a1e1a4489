import { createWorkflows } from '@holdfast/agents/workflows'
import { json, openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, modelThat, quote, setUp as setUpDesk, TEXT } from './request-desk.ts'

const DAY_MS = 24 * HOUR_MS

let store: Store
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

type Desk = Awaited<ReturnType<typeof setUpDesk>>

const setUp = (options: Omit<Parameters<typeof setUpDesk>[0], 'store'> = {}): Promise<Desk> =>
  setUpDesk({ store, ...options })

/** Letters to the client, and not to the desk. */
const toClient = ({ letters }: Desk) => letters.filter(({ to }) => to[0] === 'ada@example.com')

/** A desk with a request that waits for approval, with these quotes. */
async function waiting(quotes: Parameters<typeof quote>[], options: Parameters<typeof setUp>[0] = {}) {
  const desk = await setUp(options)
  const { requestId, runId } = await desk.start(TEXT)
  desk.market.list = { quotes: quotes.map((one) => quote(...one)), unanswered: [] }
  await desk.pass(10 * MINUTE_MS)
  expect(await desk.status(requestId)).toBe('waits-for-approval')
  const validFor = (ms: number): { validUntil: string } => ({
    validUntil: new Date(desk.clock.wallTime() + ms).toISOString(),
  })
  return { ...desk, requestId, runId, validFor }
}

/** When it is asked, ten minutes after the desk has begun. */
const until = (ms: number): { validUntil: string } => ({
  validUntil: new Date(Date.UTC(2026, 10, 25, 15, 10) + ms).toISOString(),
})

describe('an offer that runs out', () => {
  it('while nobody decides is not sent, and whoever decides then is told so and what can be done', async () => {
    const desk = await waiting([['1', 21_000, until(2 * HOUR_MS)]])
    const { pass, requestId, runId, staff, status, workflows } = desk
    desk.clock.setWallTime(desk.clock.wallTime() + 2 * HOUR_MS)
    const late = {
      code: 'APPROVAL_TOO_LATE',
      message: expect.stringMatching(/^An offer ran out on 25 Nov 2026, 17:10 UTC.* Nothing was sent\..*a?new/),
    }
    await expect(workflows.approve(staff, runId, 'approve-proposal')).rejects.toMatchObject(late)
    await pass(0)
    await expect(workflows.approve(staff, runId, 'approve-proposal')).rejects.toMatchObject(late)
    expect(await status(requestId)).toBe('offer-expired')
    const proposals = await store.asWorker(desk.tenant, (transaction) =>
      transaction.selectFrom('proposals').select('status').where('ranking', '<>', json([])).execute(),
    )
    expect(proposals).toEqual([{ status: 'expired' }])
    await pass(3 * DAY_MS)
    expect(toClient(desk)).toEqual([])
    expect(await workflows.result(staff, runId)).toMatchObject({ status: 'offer-expired' })
  })

  it('beside others leaves those, which are put up for approval again with what has changed', async () => {
    const desk = await waiting([
      ['1', 18_000, until(2 * HOUR_MS)],
      ['2', 21_000, until(DAY_MS)],
    ])
    await desk.pass(2 * HOUR_MS)
    expect(await desk.status(desk.requestId)).toBe('waits-for-approval')
    const [, again] = await desk.asked(desk.runId)
    expect(again).toMatchObject({
      name: 'approve-proposal-2',
      spec: {
        ask: {
          ranking: [{ quoteId: 'aquote-2' }],
          changes: ['Phenom 300, Operator 1: valid until 25 Nov 2026, 17:10 UTC only'],
        },
      },
    })
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal-2')
    await desk.pass(0)
    expect(await desk.status(desk.requestId)).toBe('proposed')
    expect(toClient(desk)[0]!.text).toContain('21,000 USD')
    expect(toClient(desk)[0]!.text).not.toContain('18,000')
    expect(toClient(desk)[0]!.text).toContain('hold until 26 Nov 2026, 15:10 UTC, or until somebody else books')
  })

  it('is offered again when its operator says that it holds for longer', async () => {
    const desk = await waiting([['1', 21_000, until(2 * HOUR_MS)]])
    await desk.pass(2 * HOUR_MS)
    expect(await desk.status(desk.requestId)).toBe('offer-expired')
    desk.market.list = { quotes: [quote('1', 22_000, until(DAY_MS))], unanswered: [] }
    await desk.hint()
    expect(await desk.status(desk.requestId)).toBe('waits-for-approval')
    const [last] = (await desk.asked(desk.runId)).slice(-1)
    await desk.workflows.approve(desk.staff, desk.runId, last!.name)
    await desk.pass(0)
    expect(toClient(desk)[0]!.text).toContain('22,000 USD')
  })

  it('while the mail is away is held back', async () => {
    const desk = await waiting([['1', 21_000, until(2 * HOUR_MS)]])
    desk.failing.mail = 1_000
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    for (let minute = 0; minute < 150; minute += 5) await desk.pass(5 * MINUTE_MS)
    desk.failing.mail = 0
    await desk.pass(HOUR_MS)
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['offer-expired', []])
  })

  it('does so at the latest when the flight begins', async () => {
    const desk = await waiting([['1', 21_000, until(30 * DAY_MS)]], { approvalWaitMs: 10 * DAY_MS })
    await desk.pass(2 * DAY_MS)
    expect(await desk.status(desk.requestId)).toBe('waits-for-approval')
    await desk.pass(DAY_MS)
    expect(await desk.status(desk.requestId)).toBe('offer-expired')
    await expect(desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')).rejects.toThrow(
      /^The flight was to begin on 28 Nov 2026, 04:00 UTC\. Nothing was sent/,
    )
  })

  it('is not waited for longer than a person has to decide', async () => {
    const desk = await waiting([['1', 21_000, until(30 * DAY_MS)]], { approvalWaitMs: HOUR_MS })
    await desk.pass(HOUR_MS)
    expect(await desk.status(desk.requestId)).toBe('not-approved')
    await expect(desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')).rejects.toThrow(
      /^The time to decide was over/,
    )
  })
})

describe('an offer that was approved', () => {
  it.each([
    ['is dearer', [quote('1', 23_000)], ['Phenom 300, Operator 1: 23,000 USD, and not 21,000 USD any more']],
    ['is cheaper', [quote('1', 20_000)], ['Phenom 300, Operator 1: 20,000 USD, and not 21,000 USD any more']],
  ])('and %s by then is asked about again, and not sent as it was', async (_, quotes, changes) => {
    const desk = await waiting([['1', 21_000]])
    desk.market.list = { quotes, unanswered: [] }
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['waits-for-approval', []])
    const [, again] = await desk.asked(desk.runId)
    expect(again!.spec).toMatchObject({ ask: { changes } })
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal-2')
    await desk.pass(0)
    expect(await desk.status(desk.requestId)).toBe('proposed')
    expect(toClient(desk)).toHaveLength(1)
    expect(toClient(desk)[0]!.text).not.toContain('21,000')
  })

  it.each([
    ['is not there', []],
    ['says so', [quote('1', 21_000, { status: 'Withdrawn' })]],
    ['has no price', [{ ...quote('1', 21_000), price: undefined } as never]],
  ])('and withdrawn by then, which %s, is not sent', async (_, quotes) => {
    const desk = await waiting([['1', 21_000]])
    desk.market.list = { quotes, unanswered: [] }
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['offer-expired', []])
  })

  it('waits for a market that is away, and is sent once it stands', async () => {
    const desk = await waiting([['1', 21_000]])
    desk.failing.market = true
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(HOUR_MS)
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['approved', []])
    desk.failing.market = false
    await desk.pass(5 * MINUTE_MS)
    expect([await desk.status(desk.requestId), toClient(desk).length]).toEqual(['proposed', 1])
  })
})

describe('a quote after the search', () => {
  it('that comes when nothing was found is offered all the same, and the desk is told', async () => {
    const desk = await setUp()
    const { requestId, runId } = await desk.start(TEXT)
    desk.market.list = { quotes: [], unanswered: [{ id: 'acraft-9', aircraftType: 'X', operator: 'Slow Air' }] }
    await desk.pass(HOUR_MS)
    expect(await desk.status(requestId)).toBe('nothing-found')
    desk.market.list = { quotes: [quote('9', 19_000)], unanswered: [] }
    await desk.hint()
    expect(await desk.status(requestId)).toBe('waits-for-approval')
    expect(desk.letters.at(-1)).toMatchObject({ to: ['desk@example.com'], subject: 'The charter desk: a late quote' })
    expect(desk.letters.at(-1)!.text).toMatch(/place 1 of 1: Phenom 300, Operator 9: 19,000 USD[^]*put up for approval/)
    const [approval] = await desk.asked(runId)
    await desk.workflows.approve(desk.staff, runId, approval!.name)
    await desk.pass(0)
    expect(toClient(desk).map(({ text }) => /nobody could offer|19,000 USD/.exec(text)?.[0])).toEqual([
      'nobody could offer',
      '19,000 USD',
    ])
  })

  it('that is revised takes the place of the one before, which is recorded, and all are ranked again', async () => {
    const desk = await waiting([
      ['1', 21_000],
      ['2', 18_000],
    ])
    desk.market.list = { quotes: [quote('1', 15_000), quote('2', 18_000)], unanswered: [] }
    await desk.hint()
    await expect(desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')).rejects.toMatchObject({
      code: 'APPROVAL_TOO_LATE',
    })
    const [, again] = await desk.asked(desk.runId)
    expect(again!.spec).toMatchObject({
      ask: {
        ranking: [{ quoteId: 'aquote-1', price: { amount: 15_000 } }, { quoteId: 'aquote-2' }],
        changes: ['Phenom 300, Operator 1: 15,000 USD, and not 21,000 USD any more'],
      },
    })
    expect(desk.letters.at(-1)!.text).toMatch(/place 1 of 2: .* 15,000 USD .*, before 21,000 USD/)
    const rows = await store.asWorker(desk.tenant, async (transaction) => ({
      quotes: await transaction.selectFrom('quotes').select(['external_id', 'amount']).orderBy('external_id').execute(),
      noted: await transaction
        .selectFrom('activities')
        .select('details')
        .where('activity', '=', 'quote-revised')
        .execute(),
    }))
    expect(rows.quotes.map(({ external_id: id, amount }) => [id, Number(amount)])).toEqual([
      ['aquote-1', 15_000],
      ['aquote-2', 18_000],
    ])
    expect(rows.noted).toMatchObject([
      { details: { before: { price: { amount: 21_000 } }, after: { price: { amount: 15_000 } } } },
    ])
    // Told again, nothing has changed: a person is not asked anew.
    await desk.hint()
    expect(await desk.asked(desk.runId)).toHaveLength(2)
  })

  it('that is withdrawn while a person decides leaves the others', async () => {
    const desk = await waiting([
      ['1', 21_000],
      ['2', 18_000],
    ])
    desk.market.list = { quotes: [quote('1', 21_000)], unanswered: [] }
    await desk.hint()
    const [, again] = await desk.asked(desk.runId)
    expect(again!.spec).toMatchObject({ ask: { changes: ['Phenom 300, Operator 2: withdrawn'] } })
    expect(again!.spec['ask']).toMatchObject({ ranking: [{ quoteId: 'aquote-1' }] })
  })

  it('that is left out of a list that is too long to be read whole stands as it was', async () => {
    const desk = await waiting([
      ['1', 21_000],
      ['2', 18_000],
    ])
    desk.market.list = { quotes: [quote('1', 21_000)], unread: 1, unanswered: [] }
    await desk.hint()
    const asked = await desk.asked(desk.runId)
    expect(asked).toHaveLength(1)
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    expect(await desk.status(desk.requestId)).toBe('proposed')
    expect(toClient(desk)[0]!.text).toContain('18,000 USD')
  })

  it('that comes while the proposal is still written is in it', async () => {
    const gate = Promise.withResolvers<string>()
    const written = Promise.withResolvers<void>()
    const model = modelThat(() => {
      written.resolve()
      return gate.promise
    })
    const desk = await setUp({ model })
    const { requestId, runId } = await desk.start(TEXT)
    desk.market.list = { quotes: [quote('1', 21_000)], unanswered: [] }
    const passing = desk.pass(10 * MINUTE_MS)
    await written.promise
    expect(await desk.status(requestId)).toBe('searching')
    desk.market.list = { quotes: [quote('1', 21_000), quote('3', 15_000)], unanswered: [] }
    const { signal } = new AbortController()
    const { tenant, workflows } = desk
    await desk.desk.hooks!['avinode']!({ tenant, body: { rfq: desk.rfqId }, workflows, signal })
    const told = await store.asWorker(tenant, (transaction) =>
      transaction.selectFrom('outbox').select('seq').where('event', '=', 'quotes-came-late').execute(),
    )
    expect(told).toHaveLength(1)
    gate.resolve('{}')
    await passing
    const approvals = await desk.asked(runId)
    expect(approvals.at(-1)).toMatchObject({
      state: 'waiting',
      spec: { ask: { ranking: [{ quoteId: 'aquote-3' }, { quoteId: 'aquote-1' }] } },
    })
  })

  it('that comes when the proposal was sent, or rejected, is told to the desk, with what can be done', async () => {
    const desk = await waiting([['1', 21_000]])
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    desk.market.list = { quotes: [quote('1', 21_000), quote('3', 15_000)], unanswered: [] }
    await desk.hint()
    expect(desk.letters.at(-1)!.text).toMatch(/place 1 of 2: .*15,000 USD[^]*The proposal has been sent already/)
    expect(await desk.status(desk.requestId)).toBe('proposed')
    const other = await waiting([['1', 21_000]])
    await other.workflows.reject(other.staff, other.runId, 'approve-proposal')
    await other.pass(0)
    other.market.list = { quotes: [], unanswered: [] }
    await other.hint()
    expect(other.letters.at(-1)!.text).toMatch(/Operator 1: withdrawn, before 21,000 USD[^]*is over \(not-approved\)/)
  })
})

describe('a request for quotes that was called off at the marketplace', () => {
  const canceled = { quotes: [], unanswered: [{ id: 'acraft-9', aircraftType: 'X' }], canceled: true }

  it('is not waited for, and the client is not told that nobody could fly', async () => {
    const desk = await setUp()
    const { requestId, runId } = await desk.start(TEXT)
    desk.market.list = canceled
    await desk.pass(10 * MINUTE_MS)
    expect([await desk.status(requestId), desk.letters]).toEqual(['called-off', []])
    expect(await desk.workflows.result(desk.staff, runId)).toEqual({ status: 'called-off' })
  })

  it('while a person decides ends it, at the next word or at the approval', async () => {
    const desk = await waiting([['1', 21_000]])
    desk.market.list = canceled
    await desk.hint()
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['called-off', []])
    const other = await waiting([['1', 21_000]])
    other.market.list = canceled
    await other.workflows.approve(other.staff, other.runId, 'approve-proposal')
    await other.pass(0)
    expect([await other.status(other.requestId), toClient(other)]).toEqual(['called-off', []])
  })
})

describe('a request that an earlier version has begun', () => {
  /** Waits for approval, by version 1. */
  async function begun() {
    const desk = await setUp()
    const workflows = desk.desk.workflows.filter(({ name, version }) => name !== 'charter-request' || version === 1)
    const jobs = { add: () => Promise.resolve() } as never
    const earlier = createWorkflows({ store, jobs, workflows, clock: desk.clock })
    const { requestId, runId } = await desk.start(TEXT, 'ada@example.com', earlier)
    await desk.workflows.signal(desk.tenant, runId, 'go-on')
    await desk.pass(0)
    desk.market.list = { quotes: [quote('1', 21_000, until(2 * HOUR_MS))], unanswered: [] }
    await desk.pass(10 * MINUTE_MS)
    expect(await desk.workflows.get(desk.staff, runId)).toMatchObject({ version: 1 })
    expect(await desk.status(requestId)).toBe('waits-for-approval')
    return { ...desk, requestId, runId }
  }

  it('is finished by this one in the way it was begun', async () => {
    const desk = await begun()
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    expect(await desk.status(desk.requestId)).toBe('proposed')
    await desk.pass(DAY_MS)
    expect(await desk.workflows.result(desk.staff, desk.runId)).toMatchObject({ status: 'followed-up' })
  })

  it('sends no offer that is over', async () => {
    const desk = await begun()
    await desk.pass(2 * HOUR_MS)
    await desk.workflows.approve(desk.staff, desk.runId, 'approve-proposal')
    await desk.pass(0)
    expect([await desk.status(desk.requestId), toClient(desk)]).toEqual(['offer-expired', []])
  })
})
