/**
 * Google Sheets. From its reference and discovery document: `spreadsheets.get`, `values` (get, update, append, batchGet), `valueInputOption`, A1 notation, that rows and cells
 * that are empty are left out at the end, error bodies with a status in words, 60 reads and 60 writes a minute for each user. Seen in reports of others: the wording of a range
 * that cannot be read and of one beyond the grid. Not verified: whether a 429 carries `Retry-After`; here it does only when the fault is told to.
 * Of `spreadsheets.get` also `ranges`, whose cells then come with what they show and what they are; a field mask counts as one that asks for these.
 * It knows one spreadsheet, `sandbox-clients`, no formulas and no formats; its quota is met by the fault alone.
 */
import { bearerOf, takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, type Reply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { World } from '../world/world.ts'
import { columnName, readA1, type GridRange } from './a1.ts'
import { googleError, googleErrors } from './errors.ts'
import { isGoodToken } from './tokens.ts'
import { createWorkbook, MAX_ROWS, SPREADSHEET_ID, TIME_ZONE, type Cell, type Sheet } from './workbook.ts'

/** A range that fits into a sheet. */
interface Area {
  readonly sheet: Sheet
  readonly firstRow: number
  readonly lastRow: number
  readonly firstColumn: number
  readonly lastColumn: number
}

/** Makes the stand-in for Google Sheets. */
export function googleSheets(world: World, { now }: { readonly now: () => number }): Vendor {
  const workbook = createWorkbook(world)

  const area = (text: string): Area | Reply => {
    const range = readA1(text)
    const sheet = range === undefined ? undefined : sheetOf(workbook, range)
    if (range === undefined || sheet === undefined) return googleError(400, `Unable to parse range: ${text}`)
    const found = fit(range, sheet)
    return found.firstRow > sheet.rowCount || found.lastRow > sheet.rowCount || found.lastColumn > sheet.columnCount
      ? googleError(
          400,
          `Range (${text}) exceeds grid limits. Max rows: ${sheet.rowCount}, max columns: ${sheet.columnCount}`,
        )
      : found
  }

  const values = (request: Received, range: string): Reply => {
    const found = area(range)
    if ('kind' in found) return found
    if (request.method === 'GET') return json(200, valueRange(found))
    const rows = rowsIn(request)
    if (rows === undefined || !['RAW', 'USER_ENTERED'].includes(request.query.get('valueInputOption') ?? '')) {
      return googleError(400, "'valueInputOption' is required but not specified")
    }
    return update(found, rows)
  }

  const route = (request: Received): Reply => {
    const [, id, rest] = /^\/v4\/spreadsheets\/([^/:]+)(.*)$/.exec(request.path) ?? []
    if (id === undefined) return googleError(404, 'Requested entity was not found.')
    if (id !== SPREADSHEET_ID) return googleError(404, 'Requested entity was not found.')
    const properties = { title: 'Clients of the desk', timeZone: TIME_ZONE }
    const wanted = request.query.getAll('ranges')
    if (rest === '' && request.method === 'GET' && wanted.length > 0) {
      const found = wanted.map(area)
      const wrong = found.find((one) => 'kind' in one)
      if (wrong !== undefined) return wrong
      return json(200, { spreadsheetId: id, properties, sheets: (found as Area[]).map(gridOf) })
    }
    if (rest === '' && request.method === 'GET')
      return json(200, { spreadsheetId: id, properties, sheets: workbook.map(described) })
    if (rest === '/values:batchGet' && request.method === 'GET') {
      const found = request.query.getAll('ranges').map(area)
      const wrong = found.find((one) => 'kind' in one)
      if (wrong !== undefined) return wrong
      return json(200, { spreadsheetId: id, valueRanges: (found as Area[]).map(valueRange) })
    }
    const range = /^\/values\/([^/]+)$/.exec(rest ?? '')?.[1]
    if (range === undefined) return googleError(404, 'Requested entity was not found.')
    const written = decodeURIComponent(range)
    if (request.method !== 'POST') return values(request, written)
    const table = written.endsWith(':append') ? area(written.slice(0, -':append'.length)) : undefined
    if (table === undefined) return googleError(404, 'Requested entity was not found.')
    return 'kind' in table ? table : append(table, request)
  }

  return {
    service: 'google-sheets',
    errors: googleErrors,
    takes: takesPath('google-sheets'),
    answer: (request) =>
      isGoodToken(bearerOf(request), now())
        ? route(withoutPrefix('google-sheets', request))
        : googleErrors.error(401, request.path),
  }
}

function sheetOf(workbook: readonly Sheet[], { sheet }: GridRange): Sheet | undefined {
  return sheet === undefined ? workbook[0] : workbook.find(({ title }) => title.toLowerCase() === sheet.toLowerCase())
}

function fit(range: GridRange, sheet: Sheet): Area {
  const { firstRow, firstColumn, lastRow = sheet.rowCount, lastColumn = sheet.columnCount } = range
  return { sheet, firstRow, firstColumn, lastRow, lastColumn }
}

function described({ id, title, rowCount, columnCount }: Sheet): unknown {
  return { properties: { sheetId: id, title, gridProperties: { rowCount, columnCount } } }
}

function gridOf({ sheet, firstRow, lastRow, firstColumn, lastColumn }: Area): unknown {
  const rows = sheet.rows.slice(firstRow - 1, lastRow).map((row) => trimmed(row.slice(firstColumn - 1, lastColumn)))
  const rowData = rows.map((cells) => (cells.length === 0 ? {} : { values: cells.map(cellData) }))
  return { ...(described(sheet) as object), data: [{ startRow: firstRow - 1, rowData }] }
}

function cellData(cell: Cell): unknown {
  if (cell === '') return {}
  const effectiveValue =
    typeof cell === 'number'
      ? { numberValue: cell }
      : typeof cell === 'boolean'
        ? { boolValue: cell }
        : { stringValue: cell }
  return { formattedValue: String(cell), effectiveValue }
}

function nameOf({ sheet, firstRow, lastRow, firstColumn, lastColumn }: Area): string {
  return `${sheet.title}!${columnName(firstColumn)}${firstRow}:${columnName(lastColumn)}${lastRow}`
}

function valueRange(area: Area): unknown {
  const rows = area.sheet.rows
    .slice(area.firstRow - 1, area.lastRow)
    .map((row) => trimmed(row.slice(area.firstColumn - 1, area.lastColumn)))
  while (rows.at(-1)?.length === 0) rows.pop()
  // Numbers are shown as text unless somebody asks for them as they are; here they stay what they are.
  return { range: nameOf(area), majorDimension: 'ROWS', ...(rows.length === 0 ? {} : { values: rows }) }
}

function trimmed(row: readonly Cell[]): Cell[] {
  const end = row.findLastIndex((cell) => cell !== '')
  return row.slice(0, end + 1)
}

function rowsIn(request: Received): (Cell | null)[][] | undefined {
  const { values } = (parseJson(request.body) ?? {}) as { values?: unknown }
  if (!Array.isArray(values) || !values.every((row) => Array.isArray(row))) return undefined
  return values as (Cell | null)[][]
}

function update(area: Area, rows: readonly (readonly (Cell | null)[])[]): Reply {
  const { sheet, firstRow, firstColumn } = area
  const last = {
    row: firstRow + rows.length - 1,
    column: firstColumn + Math.max(...rows.map(({ length }) => length)) - 1,
  }
  if (last.row > area.lastRow || last.column > area.lastColumn) {
    return googleError(400, `Requested writing within range [${nameOf(area)}], but tried writing to row [${last.row}]`)
  }
  return json(200, { spreadsheetId: SPREADSHEET_ID, ...write(sheet, firstRow, firstColumn, rows) })
}

function append({ sheet, firstColumn }: Area, request: Received): Reply {
  const rows = rowsIn(request)
  if (rows === undefined) return googleError(400, "'valueInputOption' is required but not specified")
  const firstRow = sheet.rows.findLastIndex((row) => row.some((cell) => cell !== '')) + 2
  if (firstRow + rows.length - 1 > MAX_ROWS)
    return googleError(400, 'This action would increase the number of cells above the limit')
  sheet.rowCount = Math.max(sheet.rowCount, firstRow + rows.length - 1)
  return json(200, { spreadsheetId: SPREADSHEET_ID, updates: write(sheet, firstRow, firstColumn, rows) })
}

function write(
  sheet: Sheet,
  firstRow: number,
  firstColumn: number,
  rows: readonly (readonly (Cell | null)[])[],
): object {
  let cells = 0
  for (const [down, row] of rows.entries()) {
    const at = firstRow - 1 + down
    while (sheet.rows.length <= at) sheet.rows.push([])
    const target = sheet.rows[at]!
    for (const [right, cell] of row.entries()) {
      // What is null is left as it is.
      if (cell === null) continue
      while (target.length < firstColumn - 1 + right) target.push('')
      target[firstColumn - 1 + right] = cell
      cells += 1
    }
  }
  const columns = Math.max(...rows.map(({ length }) => length))
  const area = {
    sheet,
    firstRow,
    lastRow: firstRow + rows.length - 1,
    firstColumn,
    lastColumn: firstColumn + columns - 1,
  }
  return { updatedRange: nameOf(area), updatedRows: rows.length, updatedColumns: columns, updatedCells: cells }
}
