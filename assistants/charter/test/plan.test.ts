import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MINUTE_MS, modelThat, quote, setUp as setUpDesk, TEXT } from './request-desk.ts'

/** An hour more than the flight is away. */
const PAST_THE_FLIGHT_MS = 62 * 60 * MINUTE_MS

let store: Store
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

const ONLY_PRICES = 'Just an idea of the price, four people, Teterboro to Miami on Friday. Do not write to the client.'

/** A model that decides plans in this way, and writes nothing. */
function deciding(answer: object) {
  const asked: string[] = []
  const model = modelThat((question) => {
    if (!question.includes('who gets a request')) return '{}'
    asked.push(question)
    return JSON.stringify(answer)
  })
  return { asked, model }
}

/** A request whose prices have come. */
async function priced(
  text: string,
  { model, details }: { readonly model?: ReturnType<typeof modelThat>; readonly details?: object } = {},
) {
  const desk = await setUpDesk({ store, ...(model === undefined ? {} : { model }) })
  const { requestId, runId } = await desk.start(text, 'ada@example.com', desk.workflows, { ...details })
  desk.market.list = { quotes: [quote('1', 21_000), quote('2', 18_000)], unanswered: [] }
  await desk.pass(10 * MINUTE_MS)
  const plan = await store.asWorker(desk.tenant, (transaction) =>
    transaction.selectFrom('activities').select('details').where('activity', '=', 'planned').execute(),
  )
  expect(plan).toHaveLength(1)
  return { ...desk, requestId, runId, plan: plan[0]!.details, status: () => desk.status(requestId) }
}

describe('the plan of a request', () => {
  it('for prices alone tells them to the desk and writes to no client, until somebody wants an offer of them', async () => {
    const { asked, model } = deciding({ specialist: 'market', confidence: 0.9, reason: 'Only a price is wanted.' })
    const desk = await priced(ONLY_PRICES, { model })
    expect(desk.plan).toMatchObject({ plan: 'market', by: 'model', reason: 'Only a price is wanted.' })
    expect(await desk.status()).toBe('priced')
    expect(desk.letters).toHaveLength(1)
    expect(desk.letters[0]).toMatchObject({ to: ['desk@example.com'], subject: 'The charter desk: prices' })
    expect(desk.letters[0]!.text).toMatch(/1\. Phenom 300, Operator 2: 18,000 USD[^]*2\. [^]*"make-offer"/)
    await desk.workflows.signal(desk.tenant, desk.runId, 'make-offer')
    await desk.pass(0)
    expect(await desk.status()).toBe('waits-for-approval')
    const [approval] = await desk.asked(desk.runId)
    await desk.workflows.approve(desk.staff, desk.runId, approval!.name)
    await desk.pass(0)
    expect(desk.letters.map(({ to }) => to[0])).toEqual(['desk@example.com', 'ada@example.com'])
    // However often the function was run again, it was decided once.
    expect(asked).toHaveLength(1)
  })

  it('for prices alone ends with the flight when nobody wants an offer', async () => {
    const desk = await priced(TEXT, { details: { plan: 'market' } })
    expect(desk.plan).toMatchObject({ plan: 'market', by: 'rule' })
    await desk.pass(PAST_THE_FLIGHT_MS)
    expect(await desk.workflows.result(desk.staff, desk.runId)).toEqual({ status: 'priced' })
    expect(desk.letters.map(({ to }) => to[0])).toEqual(['desk@example.com'])
  })

  it.each<[string, string, Parameters<typeof priced>[1], object]>([
    ['in plain words', TEXT, {}, { by: 'rule' }],
    ['where the sender says so', ONLY_PRICES, { details: { plan: 'offer' } }, { by: 'rule' }],
    ['without a model', ONLY_PRICES, {}, { by: 'fallback' }],
    [
      'where the model is not sure',
      ONLY_PRICES,
      { model: deciding({ specialist: 'market', confidence: 0.7, reason: 'Perhaps.' }).model },
      { by: 'fallback' },
    ],
    [
      'where the model names nobody',
      ONLY_PRICES,
      { model: deciding({ specialist: 'everybody', confidence: 1, reason: '' }).model },
      { by: 'fallback' },
    ],
  ])('is an offer %s', async (_, text, options, why) => {
    const desk = await priced(text, options)
    expect(desk.plan).toMatchObject({ plan: 'offer', ...why })
    expect([await desk.status(), desk.letters]).toEqual(['waits-for-approval', []])
  })

  it('asks no model about plain words, and no plan that there is not is taken', async () => {
    const { asked, model } = deciding({ specialist: 'market', confidence: 1, reason: 'x' })
    const desk = await priced(TEXT, { model })
    expect([desk.plan, asked]).toMatchObject([{ plan: 'offer', by: 'rule' }, []])
    const request = { text: TEXT, client: { email: 'ada@example.com' }, details: { plan: 'all' } }
    expect(() => desk.desk.open(request)).toThrow('details.plan must be one of offer, market.')
  })
})
