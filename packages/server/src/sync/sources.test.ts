import type { SourcePage, SourceRecord } from '@holdfast/agents/sync'
import type { GoogleSheets } from '@holdfast/connectors/google-sheets'
import type { HubSpot, HubSpotRecord } from '@holdfast/connectors/hubspot'
import { fakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldValue } from './field-value.ts'
import { hubspotSource } from './hubspot-source.ts'
import { sheetSource } from './sheet-source.ts'
import type { OpenSource, SourceContext } from './source.ts'
import { storeSource } from './store-source.ts'

const NOW = Date.UTC(2026, 10, 26, 12)
const DAY_MS = 86_400_000

let store: Store
let tenants = 0
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store?.close())

/** A tenant with records that a source has told of before. */
async function setUp(known: readonly string[] = []) {
  const tenant = `t${++tenants}`
  await store.asWorker(tenant, async (transaction) => {
    await transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute()
    for (const id of known)
      await transaction
        .insertInto('sync_records')
        .values({ kind: 'client', ref: id, source: 'it', source_id: id, component: id })
        .execute()
  })
  const problems: string[] = []
  const clock = fakeClock({ wallTime: NOW })
  const context: SourceContext = {
    name: 'it',
    kind: 'client',
    store,
    clock,
    onProblem: (of, problem) => void (of === tenant && problems.push(problem)),
  }
  const read = async (source: OpenSource, cursor?: SourcePage['cursor']): Promise<readonly SourcePage[]> => {
    const pages: SourcePage[] = []
    const { signal } = new AbortController()
    for await (const page of source.read(cursor, { tenant, signal })) pages.push(page)
    return pages
  }
  return { clock, context, problems, read, tenant }
}

const recordsOf = (pages: readonly SourcePage[]): readonly SourceRecord[] => pages.flatMap(({ records }) => records)
const gone = (pages: readonly SourcePage[]): readonly string[] =>
  recordsOf(pages).flatMap(({ id, deleted }) => (deleted === true ? [id] : []))

describe('a field', () => {
  it.each([
    ['name', '  Ada ', 'Ada'],
    ['name', '   ', null],
    ['phone', 15_550_100, '15550100'],
    ['vip', true, 'true'],
    ['price', '21,000.50', 21_000.5],
    ['price', '21000', 21_000],
    ['price', '21.000,50', '21.000,50'],
    ['seats', 8, 8],
    ['tags', 'vip; board, ,vip', ['vip', 'board', 'vip']],
    ['tags', ' ; ', null],
    ['name', undefined, null],
    ['departsAt', '2026-12-01T09:00:00-05:00', '2026-12-01T14:00:00.000Z'],
    ['departsAt', '2026-12-01 09:00', '2026-12-01 09:00'],
    ['departsAt', 'tomorrow', 'tomorrow'],
  ])('%s that says %j is %j', (field, said, value) => {
    expect(fieldValue(field, said)).toEqual(value)
  })
})

describe('a sheet', () => {
  const options = { sheet: 'Clients', id: 'E-mail', fields: { email: 'E-mail', name: ' name', phone: 'Phone' } }
  const sheetOf = (...rows: readonly Readonly<Record<string, string | number>>[]) =>
    ({
      async *rows() {
        for (const [index, values] of rows.entries()) yield { row: index + 2, values }
      },
      close: () => Promise.resolve(),
    }) as unknown as GoogleSheets
  const ada = { 'e-mail ': 'ADA@example.com ', Name: 'Ada', Phone: 15_550_100, Notes: 'x' }

  it('tells each row by its id, with the columns that are named, as of its reading', async () => {
    const { context, read, problems } = await setUp()
    const pages = await read(sheetSource(options, sheetOf(ada), context))
    expect(recordsOf(pages)).toEqual([
      {
        kind: 'client',
        source: 'it',
        id: 'ada@example.com',
        observedAt: NOW,
        version: NOW,
        sameKeepsTime: true,
        undated: true,
        fields: { email: 'ADA@example.com', name: 'Ada', phone: '15550100' },
      },
    ])
    expect(problems).toEqual([])
  })

  it('says which rows cannot be told apart, by their number alone', async () => {
    const { context, read, problems } = await setUp()
    const rows = sheetOf(ada, { ...ada, 'e-mail ': '' }, { ...ada, Name: 'Twin' }, { ...ada, 'e-mail ': 'b@x.example' })
    expect(recordsOf(await read(sheetSource(options, rows, context))).map(({ id }) => id)).toEqual([
      'ada@example.com',
      'b@x.example',
    ])
    expect(problems).toEqual(['row 3 has nothing under E-mail', 'row 4 has the same under E-mail as row 2'])
  })

  it('takes what is no longer in it for deleted, but for everything at once', async () => {
    const { context, read } = await setUp(['ada@example.com', 'old@example.com'])
    expect(gone(await read(sheetSource(options, sheetOf(ada), context)))).toEqual(['old@example.com'])
    await expect(read(sheetSource(options, sheetOf(), context))).rejects.toMatchObject({ code: 'SHEET_EMPTY' })
  })

  it('names the columns that it does not have, and tells nothing', async () => {
    const { context, read } = await setUp(['old@example.com'])
    const rows = sheetOf({ 'E-mail': 'a@x.example', Fullname: 'Ada' })
    await expect(read(sheetSource(options, rows, context))).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringMatching(/Clients does not have {2}?name, Phone/),
    })
  })

  const when = { ...options, modifiedColumn: 'changed' }
  /** Rows with what is under Changed, as Google tells them in New York. */
  const changedAt = (...cells: readonly (string | number)[]) => {
    const rows = cells.map((cell, index) => ({ ...ada, 'e-mail ': `${index}@x.example`, Changed: cell }))
    const sheets = sheetOf(...rows.map((row) => ({ ...row, Changed: 'as it is shown' })))
    return {
      ...sheets,
      async *rows(...query: Parameters<GoogleSheets['rows']>) {
        expect(query[0].raw).toBe(true)
        for await (const row of sheets.rows(...query))
          yield { ...row, raw: { values: rows[row.row - 2]!, timeZone: 'America/New_York' } }
      },
    } as GoogleSheets
  }

  it('tells rows as of what they have under its column of changes, in its time zone', async () => {
    const { context, read, problems } = await setUp()
    const cells = [46_351.4375, '2026-11-26T08:30:00+01:00', '2026-07-01 09:00', '2026-11-25', 46_352 + 422 / 1_440]
    const records = recordsOf(await read(sheetSource(when, changedAt(...cells), context)))
    expect(records.map(({ observedAt }) => new Date(observedAt).toISOString())).toEqual([
      '2026-11-25T15:30:00.000Z',
      '2026-11-26T07:30:00.000Z',
      '2026-07-01T13:00:00.000Z',
      '2026-11-25T05:00:00.000Z',
      new Date(NOW).toISOString(),
    ])
    expect(records.every(({ undated, version }) => undated === false && version === NOW)).toBe(true)
    expect(problems).toEqual([])
  })

  it('says which rows have no time that was in that column, and takes them as undated', async () => {
    const { context, read, problems } = await setUp()
    const cells = ['', 'yesterday', '2026-02-30', 46_400, 1_795_694_400_000]
    const records = recordsOf(await read(sheetSource(when, changedAt(...cells), context)))
    expect(records.map(({ observedAt, undated }) => [observedAt, undated])).toEqual(cells.map(() => [NOW, true]))
    expect(problems).toEqual([3, 4, 5, 6].map((row) => `row ${row} has no time that was under changed`))
    await expect(read(sheetSource(when, sheetOf(ada), context))).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining('changed'),
    })
  })

  it('dates a row that was not there when it was read to its end before, and no other', async () => {
    const { context, read } = await setUp(['ada@example.com'])
    const rows = sheetOf(ada, { ...ada, 'e-mail ': 'new@x.example' })
    const source = sheetSource(options, rows, context)
    const undated = async (from: OpenSource, cursor?: SourcePage['cursor']) =>
      recordsOf(await read(from, cursor)).map((record) => record.undated)
    const first = await read(source)
    expect(await undated(source)).toEqual([true, true])
    expect(await undated(source, first[0]!.cursor)).toEqual([true, true])
    expect(await undated(source, first.at(-1)!.cursor)).toEqual([true, false])
    // One that breaks off does not forget it.
    const second = await read(source, first.at(-1)!.cursor)
    expect(await undated(source, second[0]!.cursor)).toEqual([true, false])
    const other = sheetSource({ ...options, spreadsheetId: 'other' }, rows, context)
    expect(await undated(other, first.at(-1)!.cursor)).toEqual([true, true])
  })

  it('tells numbers and times as they are, and not as they are shown', async () => {
    const { context, read } = await setUp()
    const fields = { vendorQuoteId: 'Number', price: 'Price', departsAt: 'Departs', arrivesAt: 'Arrives' }
    const shown = { Number: '0042', Price: '$9,500.00', Departs: '12/1/2026', Arrives: 'tomorrow' }
    const values = { Number: 42, Price: 9_500, Departs: 46_357.375, Arrives: 'tomorrow' }
    const sheets = {
      async *rows() {
        yield { row: 2, values: shown, raw: { values, timeZone: 'GMT-07:00' } }
      },
    } as unknown as GoogleSheets
    const [quote] = recordsOf(await read(sheetSource({ sheet: 'Quotes', id: 'Number', fields }, sheets, context)))
    expect([quote?.id, quote?.fields]).toEqual([
      '0042',
      { vendorQuoteId: '0042', price: 9_500, departsAt: '2026-12-01T16:00:00.000Z', arrivesAt: 'tomorrow' },
    ])
  })

  it('comes in pages', async () => {
    const { context, read } = await setUp()
    const many = Array.from({ length: 1_201 }, (_, index) => ({ ...ada, 'e-mail ': `${index}@x.example` }))
    const pages = await read(sheetSource(options, sheetOf(...many), context))
    expect(pages.map(({ records }) => records.length)).toEqual([500, 500, 201, 0])
    expect(new Set(pages.map(({ cursor }) => JSON.stringify(cursor))).size).toBe(4)
  })
})

describe('HubSpot', () => {
  /** Contacts as HubSpot finds them: by the time of their change, from one on. */
  function crmOf(all: HubSpotRecord[]) {
    const asked: unknown[] = []
    const hubspot = {
      async search(_type: string, query: { filters: [{ value: number }]; limit: number; after?: string }) {
        asked.push(query)
        const from = Number(query.after ?? 0)
        if (from + query.limit > 10_000) throw new Error('past 10,000')
        const found = all
          .filter(({ updatedAt }) => Date.parse(updatedAt!) >= query.filters[0].value)
          .toSorted((a, b) => Date.parse(a.updatedAt!) - Date.parse(b.updatedAt!))
        const items = found.slice(from, from + query.limit)
        const next = from + query.limit
        return { items, total: found.length, ...(next < found.length ? { after: String(next) } : {}) }
      },
      get: async (_type: string, { id }: { id: string }) => all.find((one) => one.id === id),
      close: () => Promise.resolve(),
    } as unknown as HubSpot
    return { asked, hubspot, all }
  }
  const contact = (id: number, at: number, properties: Readonly<Record<string, string>> = {}): HubSpotRecord => ({
    id: String(id),
    properties,
    updatedAt: new Date(at).toISOString(),
  })

  it('tells contacts with their usual properties, as of their last change', async () => {
    const { context, read } = await setUp()
    const { asked, hubspot } = crmOf([
      contact(7, NOW - 5, { email: 'ada@example.com', firstname: 'Ada', lastname: ' ', phone: '1' }),
    ])
    const pages = await read(hubspotSource({}, hubspot, context))
    expect(recordsOf(pages)).toEqual([
      {
        kind: 'client',
        source: 'it',
        id: '7',
        observedAt: NOW - 5,
        sameKeepsTime: true,
        fields: { email: 'ada@example.com', name: 'Ada', phone: '1', company: null },
      },
    ])
    expect(pages.at(-1)?.cursor).toEqual({ since: NOW - 5, lookedAt: NOW })
    expect(asked).toMatchObject([
      {
        sort: { property: 'lastmodifieddate' },
        properties: ['email', 'firstname', 'lastname', 'phone', 'company', 'lastmodifieddate'],
      },
    ])
  })

  it('goes on where it broke off, five minutes before', async () => {
    const { context, read } = await setUp()
    const crm = crmOf([contact(1, NOW - DAY_MS), contact(2, NOW - 200_000), contact(3, NOW)])
    const pages = await read(hubspotSource({}, crm.hubspot, context), { since: NOW - 100_000, lookedAt: NOW })
    expect(recordsOf(pages).map(({ id }) => id)).toEqual(['2', '3'])
  })

  it('passes over nothing while contacts change between two pages', async () => {
    const { context, read } = await setUp()
    const crm = crmOf(Array.from({ length: 350 }, (_, index) => contact(index, NOW - 1_000 + index)))
    const { search } = crm.hubspot
    crm.hubspot.search = async (...query) => {
      const page = await search(...query)
      // The first of each page is changed as soon as it was seen.
      const at = crm.all.findIndex(({ id }) => id === page.items[0]?.id)
      if (crm.all.length > 0 && Date.parse(crm.all[at]!.updatedAt!) < NOW) crm.all[at] = contact(at, NOW)
      return page
    }
    const seen = new Set(recordsOf(await read(hubspotSource({}, crm.hubspot, context))).map(({ id }) => id))
    expect(seen.size).toBe(350)
  })

  it('reads more than a search shows, also of one moment', async () => {
    const { context, read } = await setUp()
    const crm = crmOf([
      ...Array.from({ length: 450 }, (_, index) => contact(index, NOW - 10)),
      ...Array.from({ length: 10_500 }, (_, index) => contact(1_000 + index, NOW + index)),
    ])
    const pages = await read(hubspotSource({}, crm.hubspot, context))
    expect(new Set(recordsOf(pages).map(({ id }) => id)).size).toBe(10_950)
    const bulk = crmOf(Array.from({ length: 10_001 }, (_, index) => contact(index, NOW)))
    await expect(read(hubspotSource({}, bulk.hubspot, context))).rejects.toMatchObject({
      code: 'HUBSPOT_TOO_MANY_AT_ONCE',
    })
  })

  it('looks once a day for those that are gone, and asks for each of them', async () => {
    const { clock, context, read } = await setUp(['1', '2', '3'])
    const crm = crmOf([contact(1, NOW - DAY_MS * 9), contact(2, NOW - DAY_MS * 9)])
    // Its search does not see the second yet.
    const { search } = crm.hubspot
    crm.hubspot.search = async (...query) => {
      const page = await search(...query)
      return { ...page, items: page.items.filter(({ id }) => id !== '2') }
    }
    const source = hubspotSource({}, crm.hubspot, context)
    const cursor = { since: NOW - DAY_MS, lookedAt: NOW }
    expect(gone(await read(source, cursor))).toEqual([])
    clock.setWallTime(NOW + DAY_MS)
    const pages = await read(source, cursor)
    expect(gone(pages)).toEqual(['3'])
    expect(pages.at(-1)?.cursor).toEqual({ since: NOW - DAY_MS, lookedAt: NOW + DAY_MS })
  })

  it('has another property for the change of what is no contact', async () => {
    const { context, read } = await setUp()
    const crm = crmOf([])
    const options = { type: 'deals', kind: 'quote', fields: { vendor: 'vendor', price: 'amount' } } as const
    await read(hubspotSource(options, crm.hubspot, context))
    expect(crm.asked).toMatchObject([{ sort: { property: 'hs_lastmodifieddate' } }])
  })
})

describe('the store', () => {
  const insert = (tenant: string, clients: readonly { email: string; name: string; source: string | null }[]) =>
    store.asWorker(tenant, async (transaction) => {
      await transaction
        .insertInto('clients')
        .values([...clients])
        .execute()
      return transaction.selectFrom('clients').select(['id', 'email']).orderBy('id').execute()
    })

  it('tells its own clients as of their last change, and not what it has from others', async () => {
    const { context, read, tenant } = await setUp()
    await insert(tenant, [
      { email: 'ada@example.com', name: 'Ada', source: 'request' },
      { email: 'bob@example.com', name: 'bob@example.com', source: null },
      { email: 'c@example.com', name: 'C', source: 'sheet' },
      { email: 'd@example.com', name: 'D', source: 'sync' },
    ])
    const told = async () => {
      const records = recordsOf(await read(storeSource(context)))
      return new Map(records.map(({ fields, observedAt }) => [fields?.['email'], { fields, observedAt }] as const))
    }
    const before = await told()
    expect(new Set(before.keys())).toEqual(new Set(['ada@example.com', 'bob@example.com']))
    expect(before.get('bob@example.com')?.fields).toEqual({ email: 'bob@example.com', name: null, phone: null })
    await store.asWorker(tenant, (transaction) =>
      transaction.updateTable('clients').set({ phone: '1' }).where('email', '=', 'ada@example.com').execute(),
    )
    const after = await told()
    expect(Number(after.get('ada@example.com')?.observedAt)).toBeGreaterThan(
      Number(before.get('ada@example.com')?.observedAt),
    )
    expect(after.get('bob@example.com')).toEqual(before.get('bob@example.com'))
  })

  it('goes on after the last that was kept, and tells of those that are gone', async () => {
    const lost = '11111111-1111-4111-8111-111111111111'
    const { context, read, tenant } = await setUp([lost])
    const rows = await insert(
      tenant,
      Array.from({ length: 501 }, (_, index) => ({ email: `${index}@x.example`, name: 'X', source: null })),
    )
    const pages = await read(storeSource(context))
    expect(pages.map(({ records }) => records.length)).toEqual([500, 1, 1])
    expect(gone(pages)).toEqual([lost])
    const rest = await read(storeSource(context), pages[0]!.cursor)
    expect(recordsOf(rest).map(({ id }) => id)).toEqual([rows.at(-1)!.id, lost])
  })
})
