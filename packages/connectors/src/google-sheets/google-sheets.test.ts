import { createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../api/credentials.ts'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createGoogleSheets } from './index.ts'
import type { GoogleSheets, GoogleSheetsOptions } from './index.ts'

const TOKEN = 'ya29.token-of-the-test'
const ID = 'sheet-1_x'

let server: LocalServer
let sheets: GoogleSheets
let clock: ReturnType<typeof fakeClock>
let fetched = 0

/** Tokens that are numbered. */
const auth: Credentials = (() => {
  let current: Readonly<Record<string, string>> | undefined
  return {
    headers: async () => (current ??= { authorization: `Bearer ${TOKEN}-${++fetched}` }),
    refused() {
      current = undefined
      return true
    },
  }
})()

async function start(handler: Handler, options: Partial<GoogleSheetsOptions> = {}): Promise<void> {
  server = await startServer(handler)
  clock = fakeClock()
  sheets = createGoogleSheets({
    spreadsheetId: ID,
    auth,
    baseUrl: server.url,
    integration: createIntegration({
      name: 'google-sheets',
      retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
      breaker: false,
    }),
    clock,
    ...options,
  })
}

afterEach(async () => {
  auth.refused({})
  fetched = 0
  await server.close()
  await sheets.close()
})

const HEADER = ['Name', 'E-mail', '', 'Seats', 'name']
const CLIENTS = [
  HEADER,
  ['Ada Lovelace', 'ada@analytical.example', 'x', 4],
  ['Grace Hopper', 'grace@navy.example', '', 8],
  [],
  ['ada lovelace ', 'ada@home.example', '', 2],
]

/** A sheet of 6 rows, answered as Google does: what is empty at the end is left out. */
const grid: Handler = ({ path, query }, response) => {
  if (!path.includes('/values')) {
    const properties = { sheetId: 0, title: 'Clients', gridProperties: { rowCount: 6, columnCount: 26 } }
    return json(response, { sheets: [{ properties }, { properties: { sheetId: 7, title: 'Chart' } }] })
  }
  const [, first, last] = /!(\d+):(\d+)$/.exec(decodeURIComponent(path)) ?? []
  const values = CLIENTS.slice(Number(first) - 1, Number(last))
  return json(response, { range: `Clients!A${first}:Z${last}`, majorDimension: 'ROWS', values, query: [...query] })
}

describe('reading', () => {
  it('asks for a range and gives its rows, and none where Google says nothing', async () => {
    await start((_, response) => json(response, { range: 'Clients!A1:C2', values: [['a', 1, true, null]] }))
    expect(await sheets.readRange("'My clients'!A1:C2", { requestId: 'r-1' })).toEqual({
      range: 'Clients!A1:C2',
      rows: [['a', 1, true, '']],
    })
    const [request] = server.requests
    expect(request?.path).toBe(`/v4/spreadsheets/${ID}/values/'My%20clients'!A1%3AC2`)
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}-1`, 'x-request-id': 'r-1' })
    await server.close()
    await start((_, response) => json(response, { range: 'Clients!A9:C9', majorDimension: 'ROWS' }))
    expect(await sheets.readRange('Clients!A9:C9')).toEqual({ range: 'Clients!A9:C9', rows: [] })
  })

  it('asks for several ranges at once', async () => {
    await start((_, response) =>
      json(response, { spreadsheetId: ID, valueRanges: [{ range: 'A!A1', values: [['x']] }, { range: 'B!A1' }] }),
    )
    expect(await sheets.readRanges(['A!A1', 'B!A1'])).toEqual([
      { range: 'A!A1', rows: [['x']] },
      { range: 'B!A1', rows: [] },
    ])
    expect(server.requests[0]?.path).toBe(`/v4/spreadsheets/${ID}/values:batchGet`)
    expect(server.requests[0]?.query.getAll('ranges')).toEqual(['A!A1', 'B!A1'])
  })

  it('lists the sheets, of which one without a grid has no rows', async () => {
    await start(grid)
    expect(await sheets.sheets()).toEqual([
      { id: 0, title: 'Clients', rowCount: 6, columnCount: 26 },
      { id: 7, title: 'Chart', rowCount: 0, columnCount: 0 },
    ])
    expect(server.requests[0]?.query.get('fields')).toContain('gridProperties')
  })

  it('gives the rows by their column names, page by page, and none beyond the grid', async () => {
    await start(grid)
    const seen: [number, number][] = []
    for await (const { row, values } of sheets.rows({ sheet: 'Clients', pageRows: 2 })) {
      seen.push([row, server.requests.length])
      if (row === 2) expect(values).toEqual({ Name: 'Ada Lovelace', 'E-mail': 'ada@analytical.example', Seats: 4 })
    }
    expect(seen).toEqual([
      [2, 2],
      [3, 3],
      [5, 4],
    ])
    expect(server.requests.map(({ path }) => decodeURIComponent(path).split('!')[1])).toEqual([
      undefined,
      '1:2',
      '3:4',
      '5:6',
    ])
  })

  it('gives the cells as they are beside what they show, with the time zone, by one read for a page', async () => {
    const shown = { formattedValue: '$1,234.50', effectiveValue: { numberValue: 1234.5 } }
    const values = [
      ['Name', 'Price', 'Changed', 'Broken'].map((name) => ({
        formattedValue: name,
        effectiveValue: { stringValue: name },
      })),
      [
        { formattedValue: 'Ada', effectiveValue: { stringValue: 'Ada' } },
        shown,
        { formattedValue: '11/27/2026', effectiveValue: { numberValue: 46353 } },
        { formattedValue: '#REF!', effectiveValue: { errorValue: { type: 'REF' } } },
      ],
      undefined,
      [{}, shown],
    ]
    await start((request, response, raw) =>
      request.query.has('ranges')
        ? json(response, {
            properties: { timeZone: 'America/New_York' },
            sheets: [{ data: [{ rowData: values.map((cells) => (cells === undefined ? {} : { values: cells })) }] }],
          })
        : grid(request, response, raw),
    )
    const rows = []
    for await (const row of sheets.rows({ sheet: 'Clients', raw: true })) rows.push(row)
    expect(rows).toMatchObject([
      {
        row: 2,
        values: { Name: 'Ada', Price: '$1,234.50', Changed: '11/27/2026', Broken: '#REF!' },
        raw: {
          values: { Name: 'Ada', Price: 1234.5, Changed: 46353, Broken: '' },
          timeZone: 'America/New_York',
        },
      },
      { row: 4, values: { Name: '', Price: '$1,234.50' }, raw: { values: { Name: '', Changed: '' } } },
    ])
    expect(server.requests).toHaveLength(2)
    expect(Object.fromEntries(server.requests[1]!.query)).toEqual({
      ranges: "'Clients'!1:6",
      fields: 'properties.timeZone,sheets.data.rowData.values(formattedValue,effectiveValue)',
      prettyPrint: 'false',
    })
  })

  it('stops when the reader has enough, and at the bound', async () => {
    await start(grid)
    for await (const _ of sheets.rows({ sheet: 'Clients', pageRows: 2 })) break
    expect(server.requests).toHaveLength(2)
    const seen: unknown[] = []
    for await (const row of sheets.rows({ sheet: 'Clients', pageRows: 2, maxRows: 2 })) seen.push(row)
    expect(seen).toHaveLength(2)
    expect(server.requests).toHaveLength(5)
  })

  it('finds rows by what stands under a name, however it is written', async () => {
    await start(grid)
    const found = await sheets.findRows({ sheet: 'Clients', where: { NAME: 'ada lovelace' } })
    expect(found.map(({ row }) => row)).toEqual([2, 5])
    expect(await sheets.findRows({ sheet: 'Clients', where: { name: 'Ada Lovelace', seats: '2' } })).toMatchObject([
      { row: 5 },
    ])
    expect(await sheets.findRows({ sheet: 'Clients', where: { name: 'Ada Lovelace' }, limit: 1 })).toHaveLength(1)
  })

  it('says which columns there are when one is not', async () => {
    await start(grid)
    const error = await rejection(sheets.findRows({ sheet: 'Clients', where: { phone: '1' } }))
    expect(error).toMatchObject({ code: 'COLUMN_NOT_FOUND', category: 'validation', retryable: false })
    expect((error as Error).message).toContain('Name, E-mail, Seats')
  })
})

describe('writing', () => {
  const appended = { spreadsheetId: ID, updates: { updatedRange: 'Clients!A7:B7', updatedRows: 1, updatedCells: 2 } }

  it('appends rows as they are: a formula of somebody stays text', async () => {
    await start((_, response) => json(response, appended))
    expect(await sheets.appendRows({ range: 'Clients!A:B', rows: [['=HYPERLINK("x")', null]] })).toEqual({
      range: 'Clients!A7:B7',
      rows: 1,
    })
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: `/v4/spreadsheets/${ID}/values/Clients!A%3AB:append` })
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      valueInputOption: 'RAW',
      insertDataOption: 'INSERT_ROWS',
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({ majorDimension: 'ROWS', values: [['=HYPERLINK("x")', null]] })
  })

  it('appends once for a key, and never again when nobody knows how it went', async () => {
    let lost = false
    await start((_, response, raw) => (lost ? raw.socket.destroy() : json(response, appended)))
    const rows = { range: 'Clients', rows: [['a']] }
    const [one, two] = await Promise.all([1, 2].map(() => sheets.appendRows(rows, { idempotencyKey: 'k1' })))
    expect(one).toBe(two)
    expect(server.requests).toHaveLength(1)
    lost = true
    const failed = await rejection(sheets.appendRows(rows, { idempotencyKey: 'k2' }))
    expect(failed).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(await rejection(sheets.appendRows(rows, { idempotencyKey: 'k2' }))).toMatchObject({
      code: 'WRITE_UNCONFIRMED',
    })
    expect(server.requests).toHaveLength(2)
  })

  it('updates a range, and does it again when it failed', async () => {
    let failures = 1
    await start((_, response) =>
      failures-- > 0
        ? json(response, {}, 500)
        : json(response, { updatedRange: 'Clients!A2:B2', updatedRows: 1, updatedColumns: 2, updatedCells: 2 }),
    )
    expect(await sheets.updateRange({ range: 'Clients!A2:B2', rows: [['a', 'b']], input: 'user-entered' })).toEqual({
      range: 'Clients!A2:B2',
      rows: 1,
      cells: 2,
    })
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]).toMatchObject({ method: 'PUT' })
    expect(server.requests[1]?.query.get('valueInputOption')).toBe('USER_ENTERED')
  })

  it.each([
    [{ range: '', rows: [['a']] }, /range: must be a range/],
    [{ range: 'A', rows: [] }, /rows: needs 1 to 1,000 rows/],
    [{ range: 'A', rows: [[]] }, /rows\.0: needs 1 to 200 cells/],
    [{ range: 'A', rows: [[{}]] }, /rows\.0\.0: must be text/],
    [{ range: 'A', rows: [['a']], input: 'formula' }, /input: must be raw or user-entered/],
  ])('%j is refused, and nothing is sent', async (input, message) => {
    await start(grid)
    const error = await rejection(sheets.appendRows(input as never))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })
})

describe('the token', () => {
  it('is renewed once when it is refused, also for an append, which is then made once', async () => {
    await start(({ headers }, response) =>
      headers.authorization?.endsWith('-1')
        ? json(response, { error: { code: 401, status: 'UNAUTHENTICATED' } }, 401)
        : json(response, { updates: { updatedRange: 'A1', updatedRows: 1 } }),
    )
    expect(await sheets.appendRows({ range: 'A', rows: [['a']] })).toMatchObject({ rows: 1 })
    expect(server.requests.map(({ headers }) => headers.authorization?.slice(-2))).toEqual(['-1', '-2'])
  })

  it('that is refused twice is an error, without the token in it', async () => {
    await start((_, response) => json(response, { error: { code: 401, message: TOKEN } }, 401))
    const error = await rejection(sheets.readRange('A1'))
    expect(error).toMatchObject({ category: 'auth', status: 401, retryable: false })
    expect(everythingIn(error)).not.toContain(TOKEN)
    expect(server.requests).toHaveLength(2)
  })

  it('that cannot be had sends nothing and does not count against the spreadsheet', async () => {
    await start(grid, {
      auth: { headers: () => Promise.reject(new TypeError('no token')), refused: () => true },
    })
    expect(await rejection(sheets.readRange('A1'))).toMatchObject({ message: 'no token' })
    expect(server.requests).toHaveLength(0)
  })
})

describe('the quota', () => {
  it('of reads is kept here, apart from that of writes, and opens again with time', async () => {
    await start(
      ({ method }, response) =>
        json(response, method === 'PUT' ? { updatedRange: 'A1', updatedRows: 1 } : { range: 'A1' }),
      { readsPerMinute: 2 },
    )
    await sheets.readRange('A1')
    await sheets.readRange('A1')
    const error = await rejection(sheets.readRange('A1'))
    expect(error).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', category: 'rejected', mayHaveTakenEffect: false })
    expect(server.requests).toHaveLength(2)
    await sheets.updateRange({ range: 'A1', rows: [['a']] })
    await clock.advance(70_000)
    await sheets.readRange('A1')
    expect(server.requests).toHaveLength(4)
  })

  it.each([
    [429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }],
    [403, { error: { code: 403, errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded' }] } }],
  ])('that Google says is used up, by %i, is waited for by the integration', async (status, body) => {
    let refusals = 1
    await start((_, response) => (refusals-- > 0 ? json(response, body, status) : json(response, { range: 'A1' })))
    await sheets.readRange('A1')
    expect(server.requests).toHaveLength(2)
  })
})

describe('a failure', () => {
  it.each([
    [403, { error: { status: 'PERMISSION_DENIED' } }, 'auth', /shared with its address/],
    [403, { error: { details: [{ reason: 'SERVICE_DISABLED' }] } }, 'configuration', /not switched on/],
    [403, { error: { errors: [{ reason: 'dailyLimitExceeded' }] } }, 'quota', /used up/],
    [404, { error: { status: 'NOT_FOUND', message: TOKEN } }, 'client', /404, NOT_FOUND/],
    [400, { error: { status: 'INVALID_ARGUMENT', message: TOKEN } }, 'client', /400, INVALID_ARGUMENT/],
  ])('with %i %j is of the category %s, quotes nothing, and is made once', async (status, body, category, message) => {
    await start((_, response) => json(response, body, status))
    const error = await rejection(sheets.appendRows({ range: 'A', rows: [['a']] }))
    expect(error).toMatchObject({ category, status, retryable: false, mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(everythingIn(error)).not.toContain(TOKEN)
    expect(server.requests).toHaveLength(1)
  })

  it('is a reply in another shape, told by its fields', async () => {
    await start((_, response) => json(response, { range: 'A1', values: [[{ secret: TOKEN }]] }))
    const error = await rejection(sheets.readRange('A1'))
    expect(error).toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: false })
    expect((error as Error).message).toContain('values.0.0')
    expect(everythingIn(error)).not.toContain(TOKEN)
  })

  it('by an abort comes back as it is and closes the connection', async () => {
    await start(() => undefined)
    const controller = new AbortController()
    const waiting = rejection(sheets.readRange('A1', { signal: controller.signal }))
    await server.openIs(1)
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await server.openIs(0)
  })
})

it.each([
  [{ spreadsheetId: 'a/b' }, /spreadsheetId must be/],
  [{ readsPerMinute: 0 }, /readsPerMinute must be a whole number from 1 to 1,000,000, but is 0/],
  [{ maxWaitMs: -1 }, /maxWaitMs must be a whole number from 0 to 600,000, but is -1/],
])('refuses %j at construction', async (options, message) => {
  await start(grid)
  const integration = createIntegration({ name: 'google-sheets' })
  expect(() => createGoogleSheets({ spreadsheetId: ID, auth, integration, ...options })).toThrow(message)
})
