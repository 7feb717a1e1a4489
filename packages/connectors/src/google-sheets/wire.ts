import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import type { Appended, Cell, CellRange, SheetInfo, Updated } from './types.ts'

const SERVICE = 'Google Sheets'

const cell = z.union([z.string(), z.number(), z.boolean(), z.null().transform(() => '')])
const valueRange = z.looseObject({ range: z.string(), values: z.array(z.array(cell)).optional() })
const batchReply = z.looseObject({ valueRanges: z.array(valueRange) })
const updates = z.looseObject({
  updatedRange: z.string(),
  updatedRows: z.number().default(0),
  updatedCells: z.number().default(0),
})
const appendReply = z.looseObject({ updates })
const spreadsheet = z.looseObject({
  sheets: z.array(
    z.looseObject({
      properties: z.looseObject({
        // Google leaves out what is zero; the first sheet has the id 0.
        sheetId: z.number().default(0),
        title: z.string(),
        gridProperties: z.looseObject({ rowCount: z.number(), columnCount: z.number() }).optional(),
      }),
    }),
  ),
})

const gridCell = z.looseObject({
  formattedValue: z.string().optional(),
  effectiveValue: z
    .looseObject({ numberValue: z.number(), stringValue: z.string(), boolValue: z.boolean() })
    .partial()
    .optional(),
})
const grid = z.looseObject({
  properties: z.looseObject({ timeZone: z.string() }),
  sheets: z.array(
    z.looseObject({
      data: z
        .array(
          z.looseObject({
            rowData: z.array(z.looseObject({ values: z.array(gridCell).optional() })).optional(),
          }),
        )
        .optional(),
    }),
  ),
})

/** The cells of a range, as they show and as they are. */
export interface Grid {
  readonly timeZone: string
  readonly rows: readonly (readonly Cell[])[]
  readonly raw: readonly (readonly Cell[])[]
}

/** Reads the cells of a range. @throws HoldfastError `MALFORMED_REPLY`, as all of these. */
export function readValues(json: unknown): CellRange {
  return cellRange(checkReply(SERVICE, valueRange, json))
}

/** Reads the cells of several ranges. */
export function readBatch(json: unknown): CellRange[] {
  return checkReply(SERVICE, batchReply, json).valueRanges.map(cellRange)
}

/** Reads the cells of the one range that was asked for. */
export function readGrid(json: unknown): Grid {
  const { properties, sheets } = checkReply(SERVICE, grid, json)
  const rows = (sheets[0]?.data?.[0]?.rowData ?? []).map(({ values = [] }) => values)
  return {
    timeZone: properties.timeZone,
    rows: rows.map((cells) => cells.map(({ formattedValue = '' }) => formattedValue)),
    raw: rows.map((cells) =>
      cells.map(({ effectiveValue: is = {} }) => is.numberValue ?? is.stringValue ?? is.boolValue ?? ''),
    ),
  }
}

/** Reads what an append did. */
export function readAppended(json: unknown): Appended {
  const { updatedRange, updatedRows } = checkReply(SERVICE, appendReply, json).updates
  return { range: updatedRange, rows: updatedRows }
}

/** Reads what an update did. */
export function readUpdated(json: unknown): Updated {
  const { updatedRange, updatedRows, updatedCells } = checkReply(SERVICE, updates, json)
  return { range: updatedRange, rows: updatedRows, cells: updatedCells }
}

/** Reads the sheets; one that is no grid, a chart say, has no rows. */
export function readSheets(json: unknown): SheetInfo[] {
  return checkReply(SERVICE, spreadsheet, json).sheets.map(({ properties: { sheetId, title, gridProperties } }) => ({
    id: sheetId,
    title,
    rowCount: gridProperties?.rowCount ?? 0,
    columnCount: gridProperties?.columnCount ?? 0,
  }))
}

function cellRange({ range, values }: z.output<typeof valueRange>): CellRange {
  return { range, rows: values ?? [] }
}
