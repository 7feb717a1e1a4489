import type { GoogleSheets } from '@holdfast/connectors/google-sheets'
import { HoldfastError } from '@holdfast/core'
import type { SheetSourceOptions } from '../config/options.ts'
import { fieldValue } from './field-value.ts'
import { goneFrom, knownIds, PAGE_RECORDS } from './source.ts'
import type { OpenSource, SourceContext } from './source.ts'

/** Rows that are read; of a sheet with more nothing is taken for gone. */
const MAX_ROWS = 100_000

/**
 * The rows of a sheet, read whole each time: it does not say what has changed, and its rows move. A row that is there no more is deleted; a sheet without any is taken for a mistake.
 * A pull that breaks off begins anew: what it had brought is known by then.
 */
export function sheetSource(
  { sheet, id: idColumn, fields }: Pick<SheetSourceOptions, 'sheet' | 'id' | 'fields'>,
  sheets: Pick<GoogleSheets, 'rows' | 'close'>,
  context: SourceContext,
): OpenSource {
  const { name: source, kind, clock, onProblem } = context
  return {
    async *read(_cursor, { tenant, signal }) {
      const readAt = Math.floor(clock.wallTime())
      const rowsById = new Map<string, number>()
      let rows = 0
      let records: Record<string, unknown>[] = []
      for await (const { row, values } of sheets.rows({ sheet, maxRows: MAX_ROWS }, { signal })) {
        const columns = new Map(Object.entries(values).map(([column, cell]) => [folded(column), cell]))
        if (rows === 0) requireColumns(sheet, [idColumn, ...Object.values(fields)], Object.keys(values))
        rows += 1
        const id = folded(columns.get(folded(idColumn)) ?? '')
        const before = rowsById.get(id)
        if (id === '' || id.length > 200) {
          onProblem(tenant, `row ${row} has ${id === '' ? 'nothing' : 'more than 200 characters'} under ${idColumn}`)
        } else if (before === undefined) {
          rowsById.set(id, row)
          const told = Object.entries(fields).map(
            ([field, column]) => [field, fieldValue(field, columns.get(folded(column)))] as const,
          )
          records.push({
            kind,
            source,
            id,
            observedAt: readAt,
            sameKeepsTime: true,
            fields: Object.fromEntries(told),
          })
        } else onProblem(tenant, `row ${row} has the same under ${idColumn} as row ${before}`)
        if (records.length === PAGE_RECORDS) {
          yield { records: records as never, cursor: { readAt, row } }
          records = []
        }
      }
      if (records.length > 0) yield { records: records as never, cursor: { readAt, row: rows + 1 } }
      const known = await knownIds(context, tenant, signal)
      if (rowsById.size === 0 && known.length > 0) throw refused('SHEET_EMPTY', EMPTY)
      if (rows >= MAX_ROWS) onProblem(tenant, `the sheet has more than ${MAX_ROWS} rows, of which no more were read`)
      const gone = rows >= MAX_ROWS ? [] : known.filter((id) => !rowsById.has(id))
      yield* goneFrom(context, gone, readAt, { readAt })
    },
    close: () => sheets.close(),
  }
}

const EMPTY = 'The sheet has no row any more: nothing was taken for deleted'

/** Holds the cells of a first row against the columns that are to be read. @throws HoldfastError `COLUMN_NOT_FOUND` */
export function requireColumns(sheet: string, wanted: readonly string[], header: readonly unknown[]): void {
  const there = new Set(header.map(folded))
  const missing = [...new Set(wanted)].filter((column) => !there.has(folded(column)))
  if (missing.length === 0) return
  throw refused('COLUMN_NOT_FOUND', `The first row of the sheet ${sheet} does not have ${missing.join(', ')}`)
}

function folded(cell: unknown): string {
  return String(cell).trim().toLowerCase()
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'configuration', message, retryable: false, mayHaveTakenEffect: false })
}
