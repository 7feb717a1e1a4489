import { generateKeyPairSync } from 'node:crypto'
import { createIntegration } from '@holdfast/core'
import { createGoogleAuth, createGoogleSheets, GOOGLE_SHEETS_SCOPE } from '@holdfast/connectors/google-sheets'
import type { GoogleAuth, GoogleSheets } from '@holdfast/connectors/google-sheets'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readA1 } from '../src/google/a1.ts'
import { googleAuth } from '../src/google/auth.ts'
import { startSandbox, type Sandbox } from '../src/index.ts'
import { asker } from './vendor.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const key = {
  clientEmail: 'desk@sandbox.example',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
}

let sandbox: Sandbox
let auth: GoogleAuth
let sheets: GoogleSheets
let now = Date.now()
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => now })
})
afterAll(async () => {
  await sandbox.close()
})
beforeEach(() => {
  now = Date.now()
  const guard = { retry: { maxRetries: 1, backoffMs: 1 }, breaker: false } as const
  auth = createGoogleAuth({
    key,
    scopes: [GOOGLE_SHEETS_SCOPE],
    tokenUrl: sandbox.services['google-auth'].url,
    integration: createIntegration({ name: 'google-auth', ...guard }),
  })
  sheets = createGoogleSheets({
    spreadsheetId: 'sandbox-clients',
    auth,
    baseUrl: sandbox.services['google-sheets'].url,
    integration: createIntegration({ name: 'google-sheets', ...guard }),
  })
})
afterEach(async () => {
  await Promise.all([sheets.close(), auth.close()])
  await sandbox.faults.clear()
  sandbox.clearRequests()
})

describe('Google Sheets', () => {
  it('has clients, who are found by the names of the columns', async () => {
    expect(await sheets.sheets()).toMatchObject([
      { title: 'Clients', rowCount: 1_000 },
      { title: 'Requests' },
      { title: 'Quotes' },
    ])
    const { rows } = await sheets.readRange('Clients!A1:B2')
    expect(rows[0]).toEqual(['Name', 'E-mail'])
    const [ada] = await sheets.findRows({ sheet: 'Clients', where: { 'e-mail': String(rows[1]?.[1]).toUpperCase() } })
    expect(ada).toMatchObject({ row: 2, values: { Name: rows[1]?.[0] } })
    const all = []
    for await (const row of sheets.rows({ sheet: 'Clients', pageRows: 300 })) all.push(row)
    expect(all).toHaveLength(120)
  })

  it('has quotes, whose cells say what they are beside what they show', async () => {
    const quotes = []
    for await (const row of sheets.rows({ sheet: 'Quotes', raw: true, pageRows: 300 })) quotes.push(row)
    expect(quotes).toHaveLength(10)
    expect(quotes[0]).toMatchObject({
      row: 2,
      values: { Number: 'AV-1001', Price: '9500' },
      raw: { values: { Price: 9_500, Departs: 46_357.375 }, timeZone: 'America/New_York' },
    })
  })

  it('keeps what is appended and what is written over', async () => {
    const row = ['2026-12-04', 'Ada', 'KTEB', 'KMIA', 4, 'new']
    expect(await sheets.appendRows({ range: 'Requests!A:F', rows: [row] })).toEqual({
      range: 'Requests!A2:F2',
      rows: 1,
    })
    expect(await sheets.appendRows({ range: 'Requests', rows: [row] })).toMatchObject({ range: 'Requests!A3:F3' })
    await sheets.updateRange({ range: 'Requests!E2:F2', rows: [[null, 'booked']] })
    const [first, second] = await sheets.readRanges(['Requests!A2:F2', "'Requests'!F3"])
    expect([first?.rows, second?.rows]).toEqual([[[...row.slice(0, 5), 'booked']], [['new']]])
  })

  it('refuses what it cannot read, and what is beyond the grid', async () => {
    for (const range of ['Nobody!A1', 'Clients!A1001:B1002', 'Clients!!']) {
      await expect(sheets.readRange(range)).rejects.toMatchObject({ status: 400, category: 'client' })
    }
  })

  it('refuses a token that has expired, and another one is fetched', async () => {
    await sheets.readRange('Clients!A1')
    now += 3_600_000
    // The clock of the client has not moved: to it the token is good.
    await sheets.readRange('Clients!A1')
    expect(sandbox.requests('google-sheets').map(({ status }) => status)).toEqual([200, 401, 200])
    expect(sandbox.requests('google-auth').map(({ status }) => status)).toEqual([200, 200])
  })

  it('has a token that has been revoked renewed once for all who meet it', async () => {
    await sheets.readRange('Clients!A1')
    now += 3_600_000
    const reads = await Promise.all(Array.from({ length: 20 }, () => sheets.readRange('Clients!A1')))
    expect(reads).toHaveLength(20)
    expect(sandbox.requests('google-auth')).toHaveLength(2)
    expect(sandbox.requests('google-sheets').filter(({ status }) => status === 200)).toHaveLength(21)
  })

  it('fails apart from the token endpoint', async () => {
    await sandbox.faults.set('google-auth', { fault: 'error', status: 503, next: 1 })
    expect(await sheets.readRange('Clients!A1')).toMatchObject({ rows: [['Name']] })
    await sandbox.faults.set('google-auth', { fault: 'down' })
    expect(await sheets.readRange('Clients!A2')).toMatchObject({ rows: [[expect.any(String)]] })
    await sandbox.faults.set('google-sheets', { fault: 'rate-limit' })
    await expect(sheets.readRange('Clients!A1')).rejects.toMatchObject({ category: 'rate-limit', status: 429 })
  })

  it('shows no assertion in the journal', async () => {
    await sheets.readRange('Clients!A1')
    const [request] = sandbox.requests('google-auth', { bodies: true })
    expect(request?.body).toMatch(/^grant_type=[^&]+&assertion=removed$/)
  })
})

describe('the token endpoint', () => {
  const ask = asker(googleAuth({ now: () => 1_000_000 }))
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const good = { iss: 'a@b.example', scope: 'x', aud: 'https://oauth2.googleapis.com/token', iat: 1_000, exp: 4_600 }
  const send = (claims: object, header: object = { alg: 'RS256' }, type = grant) =>
    ask('POST', '/google-auth/token', {
      body: new URLSearchParams({ grant_type: type, assertion: `${part(header)}.${part(claims)}.c2ln` }).toString(),
    })

  it('gives a token for an hour', async () => {
    expect(await send(good)).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 3_599 } })
  })

  it.each([
    [{ ...good, exp: 5_000 }, 'invalid_grant'],
    [{ ...good, iat: 100, exp: 600 }, 'invalid_grant'],
    [{ ...good, iss: '' }, 'invalid_grant'],
    [{ ...good, scope: '' }, 'invalid_scope'],
    [{ ...good, aud: 'https://elsewhere.example' }, 'invalid_grant'],
  ])('refuses %j', async (claims, error) => {
    expect(await send(claims)).toMatchObject({ status: 400, json: { error } })
  })

  it('refuses another signature and another grant', async () => {
    expect((await send(good, { alg: 'none' })).json.error).toBe('invalid_grant')
    expect((await send(good, { alg: 'RS256' }, 'password')).json.error).toBe('unsupported_grant_type')
  })
})

it.each([
  ["'My ''own'''!B2:C3", { sheet: "My 'own'", firstRow: 2, lastRow: 3, firstColumn: 2, lastColumn: 3 }],
  ['Clients!2:5', { sheet: 'Clients', firstRow: 2, lastRow: 5, firstColumn: 1, lastColumn: undefined }],
  ['Clients!B:AB', { sheet: 'Clients', firstRow: 1, lastRow: undefined, firstColumn: 2, lastColumn: 28 }],
  ['Clients', { sheet: 'Clients', firstRow: 1, lastRow: undefined, firstColumn: 1, lastColumn: undefined }],
  ['C4', { sheet: undefined, firstRow: 4, lastRow: 4, firstColumn: 3, lastColumn: 3 }],
  ['Clients!A0', undefined],
  ['Clients!A1:', undefined],
])('reads the range %s', (text, range) => {
  expect(readA1(text)).toEqual(range)
})
