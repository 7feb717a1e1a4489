/*
 * Google Sheets: rows of one spreadsheet.
 *
 * Documented (developers.google.com/workspace/sheets/api, discovery document v4): base address, `GET` and `PUT` of `values/{range}`, `:append`, `values:batchGet`,
 * `valueInputOption`, `insertDataOption`, `valueRenderOption`, `majorDimension`; that empty rows and cells at the end are left out of replies; 60 reads and 60
 * writes a minute for each user and project, above that 429 and an exponential backoff, no rate-limit headers; `fields` for a part of `spreadsheets.get`; updates are atomic.
 * Of `spreadsheets.get` with `ranges` also: `formattedValue` and `effectiveValue` of cells, `properties.timeZone`; dates as serial numbers (guide “Date and time values”).
 * Read in reports of others: a range beyond the grid is refused with 400 (`exceeds grid limits`).
 * Not verified: whether a 429 ever carries `Retry-After` (it is obeyed when it does); whether an append of which the reply was lost was made, so it counts as unknown.
 */
export { GOOGLE_SHEETS_DEFAULTS, GOOGLE_SHEETS_SCOPE, createGoogleSheets } from './google-sheets.ts'
export type { GoogleSheetsOptions } from './google-sheets.ts'
export type { ApiCallOptions } from '../api/options.ts'
export type {
  Appended,
  Cell,
  CellRange,
  ClientRow,
  FindRows,
  GoogleSheets,
  RawRow,
  RowQuery,
  SheetInfo,
  Updated,
  WriteRows,
} from './types.ts'
export { createGoogleAuth, GOOGLE_AUTH_DEFAULTS, parseServiceAccountKey } from '../google-auth/index.ts'
export type { GoogleAuth, GoogleAuthOptions, ServiceAccountKey } from '../google-auth/index.ts'
