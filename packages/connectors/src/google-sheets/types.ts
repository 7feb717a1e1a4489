import type { ApiCallOptions } from '../api/options.ts'

/** What stands in a cell; an empty one is `''`. */
export type Cell = string | number | boolean

/** The cells of a range, row by row. Empty rows and cells at the end are left out, as Google leaves them out. */
export interface CellRange {
  /** As Google writes it: `Clients!A1:C4`. */
  readonly range: string
  readonly rows: readonly (readonly Cell[])[]
}

/** A sheet of the spreadsheet. */
export interface SheetInfo {
  readonly id: number
  readonly title: string
  readonly rowCount: number
  readonly columnCount: number
}

/** Rows to write. */
export interface WriteRows {
  /** In A1 notation, with the sheet's name: `Clients!A2:C2`. For an append: the table, `Clients!A:C` or `Clients`. */
  readonly range: string
  /** 1 to 1,000 rows of 1 to 200 cells each. `null` leaves a cell as it is. */
  readonly rows: readonly (readonly (Cell | null)[])[]
  /**
   * `raw`: cells are stored as they are; `user-entered`: as if somebody typed them, so that `=…` is a formula and `1/2` a date. Never give what a customer said to the
   * second. Default: `raw`.
   */
  readonly input?: 'raw' | 'user-entered' | undefined
}

/** What an append did. */
export interface Appended {
  /** Where the rows are now. */
  readonly range: string
  readonly rows: number
}

/** What an update did. */
export interface Updated {
  readonly range: string
  readonly rows: number
  readonly cells: number
}

/** Which rows of a sheet whose first row names the columns. */
export interface RowQuery {
  /** The sheet's name. */
  readonly sheet: string
  /** Rows fetched at a time, with one read. 1 to 10,000. Default: 2,000. */
  readonly pageRows?: number | undefined
  /** Rows given at most. 1 to 1,000,000. Default: 100,000. */
  readonly maxRows?: number | undefined
  /** Whether each row also has its cells as they are, beside what they show. Default: false. */
  readonly raw?: boolean | undefined
}

/** What is looked for. */
export interface FindRows extends Omit<RowQuery, 'raw'> {
  /** Column names, each with what must stand there; letter case and space around it do not count, in names and values alike. At least one. */
  readonly where: Readonly<Record<string, Cell>>
  /** Rows given at most. 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
}

/** A row by its column names. */
export interface ClientRow {
  /** Its number in the sheet; the first below the names is 2. */
  readonly row: number
  /** By the names in the first row; columns without a name are left out. An empty cell is `''`. */
  readonly values: Readonly<Record<string, Cell>>
  /** Where {@link RowQuery.raw} asks for it. */
  readonly raw?: RawRow
}

/** What stands in a row, whatever its cells show. */
export interface RawRow {
  /** By the names in the first row: a number without its format, a date or a time as the days since 30 December 1899, in the time zone of the spreadsheet. What is empty, or an error, is `''`. */
  readonly values: Readonly<Record<string, Cell>>
  /** Of the spreadsheet: `America/New_York`, or where it has none of these names `GMT-07:00`. */
  readonly timeZone: string
}

/** Rows of one spreadsheet. */
export interface GoogleSheets {
  /** The sheets there are, with their sizes. */
  sheets(call?: ApiCallOptions): Promise<readonly SheetInfo[]>
  /** Reads a range in A1 notation. */
  readRange(range: string, call?: ApiCallOptions): Promise<CellRange>
  /** Reads 1 to 100 ranges with one request, which counts as one read. In the order they were asked for. */
  readRanges(ranges: readonly string[], call?: ApiCallOptions): Promise<readonly CellRange[]>
  /** The rows below the names, page by page: a page is fetched when it is needed. Empty rows are passed over. */
  rows(query: RowQuery, call?: ApiCallOptions): AsyncIterable<ClientRow>
  /**
   * Rows in which all of `where` stands, in the order of the sheet.
   * @throws HoldfastError `COLUMN_NOT_FOUND` (`validation`) for a name that the first row does not have.
   */
  findRows(query: FindRows, call?: ApiCallOptions): Promise<readonly ClientRow[]>
  /** Adds rows at the end of a table. Made once: Google has no key for it. */
  appendRows(rows: WriteRows, call?: ApiCallOptions): Promise<Appended>
  /** Writes rows over what stands there. May be repeated: it writes the same again. */
  updateRange(rows: WriteRows, call?: ApiCallOptions): Promise<Updated>
  /** Whether the spreadsheet can be read; costs one read. */
  health(call?: ApiCallOptions): Promise<void>
  /** Closes its connections, unless they were given. Not those of the `auth`. */
  close(): Promise<void>
}
