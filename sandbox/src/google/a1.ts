/** A range in numbers, from 1. A side that is left open ends with the sheet. */
export interface GridRange {
  readonly sheet: string | undefined
  readonly firstRow: number
  readonly lastRow: number | undefined
  readonly firstColumn: number
  readonly lastColumn: number | undefined
}

/** Reads A1 notation: `Clients!A1:C4`, `'My clients'!1:5`, `Clients!A:C`, `Clients`. `undefined` for anything else. */
export function readA1(text: string): GridRange | undefined {
  const [, inQuotes, plain, cells] = /^(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?(.*)$/s.exec(text) ?? []
  const sheet = inQuotes?.replaceAll("''", "'") ?? plain
  if (sheet === undefined) {
    const alone = /^'((?:[^']|'')+)'$/.exec(text)?.[1]?.replaceAll("''", "'")
    if (alone !== undefined) return whole(alone)
  }
  const [, fromColumn, fromRow, colon, toColumn, toRow] =
    /^([A-Z]{0,3})(\d{0,7})(?:(:)([A-Z]{0,3})(\d{0,7}))?$/i.exec(cells ?? '') ?? []
  if (fromColumn === undefined || (fromColumn === '' && fromRow === ''))
    return sheet === undefined ? whole(text) : undefined
  // `Clients` could be no cell; a name of three letters without a number is a sheet, too.
  if (sheet === undefined && colon === undefined && fromRow === '') return whole(text)
  const first = { row: numberOf(fromRow), column: columnNumber(fromColumn) }
  const last = colon === undefined ? first : { row: numberOf(toRow), column: columnNumber(toColumn ?? '') }
  if (colon !== undefined && last.row === undefined && last.column === undefined) return undefined
  if (first.row === 0 || last.row === 0) return undefined
  return {
    sheet,
    firstRow: first.row ?? 1,
    lastRow: last.row,
    firstColumn: first.column ?? 1,
    lastColumn: last.column,
  }
}

/** `3` is `C`. */
export function columnName(column: number): string {
  const letter = String.fromCharCode(65 + ((column - 1) % 26))
  return column <= 26 ? letter : columnName(Math.floor((column - 1) / 26)) + letter
}

function whole(sheet: string): GridRange {
  return { sheet, firstRow: 1, lastRow: undefined, firstColumn: 1, lastColumn: undefined }
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined || digits === '' ? undefined : Number(digits)
}

function columnNumber(letters: string): number | undefined {
  if (letters === '') return undefined
  return [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
}
