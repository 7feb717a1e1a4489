import type { SourceRecord } from '@holdfast/agents/sync'
import type { Cell, GoogleSheets } from '@holdfast/connectors/google-sheets'
import { HoldfastError } from '@holdfast/core'
import type { SheetSourceOptions } from '../config/options.ts'
import { momentIn, zoneOf } from './cell-time.ts'
import type { Zone } from './cell-time.ts'
import { fieldValue, isMeasured } from './field-value.ts'
import { goneFrom, PAGE_RECORDS, toldIds } from './source.ts'
import type { OpenSource, SourceContext } from './source.ts'

/** Rows that are read; of a sheet with more nothing is taken for gone. */
const MAX_ROWS = 100_000
/** How far the clock of whoever notes a change may be ahead, in ms. */
const MAX_AHEAD_MS = 300_000

interface Cursor {
  readonly readAt: number
  /** The last row that was kept, of a reading that has not ended. */
  readonly row?: number
  /** Which sheet was read to its end before; another one begins anew. */
  readonly whole?: string
}

/** What a sheet is read by. */
interface SheetColumns extends Pick<SheetSourceOptions, 'sheet' | 'id' | 'fields'> {
  readonly spreadsheetId?: string | undefined
  readonly modifiedColumn?: string | undefined
}

/**
 * The rows of a sheet, read whole each time: it does not say what has changed, and its rows move. A row that is there no more is deleted; a sheet without any is taken for a mistake.
 * A pull that breaks off begins anew: what it had brought is known by then.
 *
 * Among the records of the source the reading counts (`version`), beside others the time that the row has under `modifiedColumn`. A row without one is `undated`, but for one that was not there when the sheet was read to its end before: that is of this reading.
 */
export function sheetSource(
  { spreadsheetId = '', sheet, id: idColumn, fields, modifiedColumn }: SheetColumns,
  sheets: Pick<GoogleSheets, 'rows' | 'close'>,
  context: SourceContext,
): OpenSource {
  const { name: source, kind, clock, onProblem } = context
  const columns = columnsOf({ id: idColumn, fields, modifiedColumn })
  const raw = modifiedColumn !== undefined || Object.keys(fields).some(isMeasured)
  const which = JSON.stringify([spreadsheetId, sheet, idColumn])
  return {
    async *read(cursor, { tenant, signal }) {
      const readAt = Math.floor(clock.wallTime())
      const { whole } = (cursor ?? {}) as Partial<Cursor>
      const wasRead = whole === which
      const progress = { readAt, ...(whole === undefined ? {} : { whole }) }
      const told = await toldIds(context, tenant, signal)
      const rowsById = new Map<string, number>()
      let timeZone: string | undefined
      let zone: Zone | undefined
      let rows = 0
      let records: SourceRecord[] = []
      for await (const { row, values, raw: cells } of sheets.rows({ sheet, maxRows: MAX_ROWS, raw }, { signal })) {
        const shown = byName(values)
        const said = byName(cells?.values ?? {})
        if (cells !== undefined && cells.timeZone !== timeZone) {
          timeZone = cells.timeZone
          zone = zoneOf(timeZone)
        }
        if (rows === 0) requireColumns(sheet, columns, Object.keys(values))
        rows += 1
        const id = folded(shown.get(folded(idColumn)) ?? '')
        const before = rowsById.get(id)
        if (id === '' || id.length > 200) {
          onProblem(tenant, `row ${row} has ${id === '' ? 'nothing' : 'more than 200 characters'} under ${idColumn}`)
        } else if (before === undefined) {
          rowsById.set(id, row)
          const changedAt =
            modifiedColumn === undefined ? undefined : changeIn(said.get(folded(modifiedColumn)), zone, readAt)
          if (changedAt === null) onProblem(tenant, `row ${row} has no time that was under ${modifiedColumn}`)
          const isDated = typeof changedAt === 'number'
          const values = Object.entries(fields).map(([field, column]) => {
            const cell = (isMeasured(field) ? said : shown).get(folded(column))
            return [field, fieldValue(field, cell, zone)] as const
          })
          records.push({
            kind,
            source,
            id,
            observedAt: isDated ? changedAt : readAt,
            version: readAt,
            sameKeepsTime: true,
            undated: !isDated && (!wasRead || told.has(id)),
            fields: Object.fromEntries(values),
          })
        } else onProblem(tenant, `row ${row} has the same under ${idColumn} as row ${before}`)
        if (records.length === PAGE_RECORDS) {
          yield { records, cursor: { ...progress, row } }
          records = []
        }
      }
      if (records.length > 0) yield { records, cursor: { ...progress, row: rows + 1 } }
      const known = [...told].flatMap(([id, isGone]) => (isGone ? [] : [id]))
      if (rowsById.size === 0 && known.length > 0) throw refused('SHEET_EMPTY', EMPTY)
      const isWhole = rows < MAX_ROWS
      if (!isWhole) onProblem(tenant, `the sheet has more than ${MAX_ROWS} rows, of which no more were read`)
      const gone = isWhole ? known.filter((id) => !rowsById.has(id)) : []
      yield* goneFrom(context, gone, readAt, { readAt, ...(isWhole ? { whole: which } : {}) }, readAt)
    },
    close: () => sheets.close(),
  }
}

/** The columns that a source reads. */
export function columnsOf({
  id,
  fields,
  modifiedColumn = id,
}: Pick<SheetColumns, 'id' | 'fields' | 'modifiedColumn'>): readonly string[] {
  return [...new Set([id, ...Object.values(fields), modifiedColumn])]
}

/** When a row was changed; `undefined` where nothing is said, `null` for what is no time, or has yet to come. */
function changeIn(cell: unknown = '', zone: Zone | undefined, readAt: number): number | null | undefined {
  if (String(cell).trim() === '') return undefined
  const at = momentIn(cell, zone)
  return at === undefined || at > readAt + MAX_AHEAD_MS ? null : Math.min(at, readAt)
}

function byName(values: Readonly<Record<string, Cell>>): ReadonlyMap<string, Cell> {
  return new Map(Object.entries(values).map(([column, cell]) => [folded(column), cell]))
}

const EMPTY = 'The sheet has no row any more: nothing was taken for deleted'

/** Holds the cells of a first row against the columns that are to be read. @throws HoldfastError `COLUMN_NOT_FOUND` */
export function requireColumns(sheet: string, wanted: readonly string[], header: readonly unknown[]): void {
  const there = new Set(header.map(folded))
  const missing = wanted.filter((column) => !there.has(folded(column)))
  if (missing.length === 0) return
  throw refused('COLUMN_NOT_FOUND', `The first row of the sheet ${sheet} does not have ${missing.join(', ')}`)
}

function folded(cell: unknown): string {
  return String(cell).trim().toLowerCase()
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'configuration', message, retryable: false, mayHaveTakenEffect: false })
}
