import { systemClock } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import { createRateLimiter } from '@holdfast/core/admission'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import type { Credentials } from '../api/credentials.ts'
import type { ApiCallOptions } from '../api/options.ts'
import { explainFor } from '../google-auth/api-failures.ts'
import { createHttpClient } from '../http/index.ts'
import { invalidOption } from '../http/options.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { checkFindRows, checkRange, checkRanges, checkRowQuery, checkRows } from './input.ts'
import { byColumn, clientRow, columnsOf, matcher, quoted } from './rows.ts'
import type { Columns } from './rows.ts'
import type { ClientRow, GoogleSheets, RowQuery, SheetInfo, WriteRows } from './types.ts'
import { readAppended, readBatch, readGrid, readSheets, readUpdated, readValues } from './wire.ts'
import type { Grid } from './wire.ts'

/** Which spreadsheet, and how to reach it. */
export interface GoogleSheetsOptions {
  /** The part of its address between `/d/` and `/edit`. */
  readonly spreadsheetId: string
  /** From `createGoogleAuth`, with the scope `GOOGLE_SHEETS_SCOPE`; the spreadsheet must be shared with the account's address. */
  readonly auth: Credentials
  /** Every call runs through it. */
  readonly integration: Integration
  /** Default: `https://sheets.googleapis.com`. */
  readonly baseUrl?: string | undefined
  /** Reads in any minute; more are refused here, before Google does (`RATE_LIMIT_EXCEEDED`). 1 to 1,000,000. Default: 60. */
  readonly readsPerMinute?: number | undefined
  /** Writes in any minute. 1 to 1,000,000. Default: 60. */
  readonly writesPerMinute?: number | undefined
  /** How long a request waits for its turn in these, in ms; 0 for not at all. 0 to 600,000. Default: 0. */
  readonly maxWaitMs?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Defaults of {@link GoogleSheetsOptions}. */
export const GOOGLE_SHEETS_DEFAULTS: {
  readonly baseUrl: string
  readonly readsPerMinute: number
  readonly writesPerMinute: number
  readonly maxWaitMs: number
} = Object.freeze({
  baseUrl: 'https://sheets.googleapis.com',
  readsPerMinute: 60,
  writesPerMinute: 60,
  maxWaitMs: 0,
})

/** What a token must be good for to read and write spreadsheets. */
export const GOOGLE_SHEETS_SCOPE = 'https://www.googleapis.com/auth/spreadsheets'

const SERVICE = 'Google Sheets'

/** Each cell comes twice, with its names. */
const MAX_GRID_BYTES = 32 * 1024 * 1024

/** Makes a client of one spreadsheet. @throws HoldfastError `INVALID_OPTION` */
export function createGoogleSheets(options: GoogleSheetsOptions): GoogleSheets {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(options.spreadsheetId)) {
    throw invalidOption('spreadsheetId', 'must be 1 to 128 letters, digits, hyphens and underscores')
  }
  const settings = { ...GOOGLE_SHEETS_DEFAULTS, ...defined(options) }
  const http = createHttpClient({
    baseUrl: settings.baseUrl,
    service: SERVICE,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const limiter = (name: 'readsPerMinute' | 'writesPerMinute') =>
    createRateLimiter({
      name: name === 'readsPerMinute' ? 'google-sheets-reads' : 'google-sheets-writes',
      algorithm: 'sliding-window',
      limit: wholeUpTo(name, settings[name], 1, 1_000_000),
      intervalMs: 60_000,
      maxWaitMs: wholeUpTo('maxWaitMs', settings.maxWaitMs, 0, 600_000),
      clock: options.clock ?? systemClock,
    })
  const limiters = { read: limiter('readsPerMinute'), write: limiter('writesPerMinute') }
  const writes = createWriteRegistry(SERVICE, options.writeMemory)
  const api = createApiCaller({
    service: SERVICE,
    http,
    integration: options.integration,
    explain: explainFor(SERVICE),
    credentials: options.auth,
    async leave(write, signal) {
      const permit = await limiters[write ? 'write' : 'read'].acquire({ signal })
      if (!permit.admitted) throw permit.error
      permit.settle('ignored')
    },
  })
  const spreadsheet = `/v4/spreadsheets/${options.spreadsheetId}`
  const values = (range: string): string => `${spreadsheet}/values/${encodeURIComponent(range)}`

  /** The rows, once the names of the columns are told. They come with the first page: that is a read less. */
  async function* scan(
    query: RowQuery,
    call: ApiCallOptions,
    onColumns?: (columns: Columns) => void,
  ): AsyncGenerator<ClientRow, undefined, void> {
    const { sheet, pageRows, maxRows, raw } = checkRowQuery(query)
    const { rowCount } = await sizeOf(client, sheet, call)
    let columns = columnsOf([])
    let left = maxRows
    for (let first = 1; first <= rowCount; first += pageRows) {
      const last = Math.min(first + pageRows - 1, rowCount)
      const range = `${quoted(sheet)}!${first}:${last}`
      const grid = raw ? await readCells(range, call) : undefined
      const { rows } = grid ?? (await client.readRange(range, call))
      if (first === 1) {
        columns = columnsOf(rows[0] ?? [])
        onColumns?.(columns)
      }
      for (const [index, cells] of rows.entries()) {
        const row = first + index === 1 ? undefined : clientRow(columns, cells, first + index)
        if (row === undefined) continue
        yield grid === undefined
          ? row
          : { ...row, raw: { values: byColumn(columns, grid.raw[index]!), timeZone: grid.timeZone } }
        left -= 1
        if (left === 0) return
      }
    }
  }

  /** One read too: what cells show and what they are belong together. */
  const readCells = (range: string, call: ApiCallOptions): Promise<Grid> => {
    const fields = 'properties.timeZone,sheets.data.rowData.values(formattedValue,effectiveValue)'
    const query = { ranges: range, fields, prettyPrint: 'false' }
    return api.call(
      { path: spreadsheet, query, read: readGrid, effect: 'read', maxResponseBytes: MAX_GRID_BYTES },
      call,
    )
  }

  const client: GoogleSheets = {
    async sheets(call = {}) {
      const fields = 'sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))'
      return api.call({ path: spreadsheet, query: { fields }, read: readSheets, effect: 'read' }, call)
    },

    async readRange(range, call = {}) {
      return api.call({ path: values(checkRange(range)), read: readValues, effect: 'read' }, call)
    },

    async readRanges(ranges, call = {}) {
      const query = { ranges: checkRanges(ranges) }
      return api.call({ path: `${spreadsheet}/values:batchGet`, query, read: readBatch, effect: 'read' }, call)
    },

    rows: (query, call = {}) => scan(query, call),

    async findRows(query, call = {}) {
      const { where, limit, ...rows } = checkFindRows(query)
      let matches: (row: ClientRow) => boolean = () => false
      const found: ClientRow[] = []
      for await (const row of scan(rows, call, (columns) => (matches = matcher(columns, where)))) {
        if (matches(row)) found.push(row)
        if (found.length === limit) break
      }
      return found
    },

    async appendRows(input, call = {}) {
      const checked = checkRows('appendRows', input)
      return writes.once(call, { spreadsheetId: options.spreadsheetId, ...checked }, () =>
        api.call(
          {
            method: 'POST',
            path: `${values(checked.range)}:append`,
            query: { valueInputOption: inputOption(checked.input), insertDataOption: 'INSERT_ROWS' },
            json: { majorDimension: 'ROWS', values: checked.rows },
            read: readAppended,
            effect: 'write',
          },
          call,
        ),
      )
    },

    async updateRange(input, call = {}) {
      const { range, rows, input: option } = checkRows('updateRange', input)
      return api.call(
        {
          method: 'PUT',
          path: values(range),
          query: { valueInputOption: inputOption(option) },
          json: { range, majorDimension: 'ROWS', values: rows },
          read: readUpdated,
          effect: 'repeatable-write',
        },
        call,
      )
    },

    async health(call = {}) {
      await client.sheets(call)
    },

    close: () => http.close(),
  }
  return client
}

async function sizeOf(client: GoogleSheets, sheet: string, call: ApiCallOptions): Promise<SheetInfo> {
  const sheets = await client.sheets(call)
  const found = sheets.find(({ title }) => title === sheet)
  // A range beyond the grid is refused; one of a sheet that is not there is told by Google itself.
  return found ?? { id: -1, title: sheet, rowCount: 1, columnCount: 0 }
}

function inputOption(input: WriteRows['input']): string {
  return input === 'user-entered' ? 'USER_ENTERED' : 'RAW'
}

function wholeUpTo(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  const range = `${min} to ${max.toLocaleString('en-US')}`
  throw invalidOption(name, `must be a whole number from ${range}, but is ${String(value)}`)
}

function defined<Fields extends object>(fields: Fields): { [Key in keyof Fields]: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
