import { HoldfastError } from '@holdfast/core'
import type { Cell, ClientRow } from './types.ts'

/** Columns by their names in lower case: as they are written, and where they are. */
export type Columns = ReadonlyMap<string, { readonly name: string; readonly at: number }>

/** A sheet's name as A1 notation wants it: in quotes, where anything may stand in it. */
export function quoted(sheet: string): string {
  return `'${sheet.replaceAll("'", "''")}'`
}

/** The names in the first row, each with its column; of two that are the same the first counts. */
export function columnsOf(header: readonly Cell[]): Columns {
  const columns = new Map<string, { readonly name: string; readonly at: number }>()
  for (const [at, cell] of header.entries()) {
    const name = String(cell).trim()
    if (name !== '' && !columns.has(folded(name))) columns.set(folded(name), { name, at })
  }
  return columns
}

/** A row by its column names; `undefined` for an empty one. */
export function clientRow(columns: Columns, cells: readonly Cell[], row: number): ClientRow | undefined {
  if (cells.every((cell) => cell === '')) return undefined
  return { row, values: byColumn(columns, cells) }
}

/** Cells by the names of their columns. */
export function byColumn(columns: Columns, cells: readonly Cell[]): Readonly<Record<string, Cell>> {
  return Object.fromEntries([...columns.values()].map(({ name, at }) => [name, cells[at] ?? '']))
}

/** A condition that rows can be held against. @throws HoldfastError `COLUMN_NOT_FOUND`, with the names there are. */
export function matcher(columns: Columns, where: Readonly<Record<string, Cell>>): (row: ClientRow) => boolean {
  const wanted = Object.entries(where).map(([name, value]) => {
    const column = columns.get(folded(name))
    if (column === undefined) throw noColumn([...columns.values()].map((one) => one.name))
    return [column.name, folded(value)] as const
  })
  return ({ values }) => wanted.every(([name, value]) => folded(values[name] ?? '') === value)
}

/** What `Ada` and ` ADA ` have in common; TRUE in a cell is the boolean too. */
function folded(cell: Cell): string {
  return String(cell).trim().toLowerCase()
}

function noColumn(names: readonly string[]): HoldfastError {
  return new HoldfastError({
    code: 'COLUMN_NOT_FOUND',
    category: 'validation',
    message: `The first row of the sheet does not have a column of that name; there are ${names.slice(0, 30).join(', ') || 'none'}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
