import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import type { GoogleSheets } from '@holdfast/connectors/google-sheets'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const cell = z.union([z.string().max(10_000), z.number(), z.boolean()])
const range = z.string().min(1).max(300).describe("In A1 notation, with the sheet's name: Clients!A1:C9")
const sheet = z.string().min(1).max(100).describe('The name of a sheet; list_sheets has them')
const rows = z
  .array(z.array(cell).min(1).max(200))
  .min(1)
  .max(200)
  .describe('Cells, row by row. They are stored as they are: a formula stays text.')

const READS = { readOnlyHint: true, openWorldHint: true } as const
const cells = z.object({ range: z.string(), rows: z.array(z.array(cell)) })

/** One spreadsheet of Google Sheets as tools. */
export function googleSheetsTools(sheets: GoogleSheets): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'list_sheets',
      title: 'List the sheets',
      description: 'Lists the sheets of the spreadsheet with their sizes. Changes nothing.',
      input: z.object({}),
      output: z.object({
        sheets: z.array(z.object({ id: z.number(), title: z.string(), rowCount: z.number(), columnCount: z.number() })),
      }),
      annotations: READS,
      run: async (_, { signal }) => ({ sheets: [...(await sheets.sheets({ signal }))] }),
    }),
    defineMcpTool({
      name: 'read_ranges',
      title: 'Read ranges',
      description: 'Reads ranges of cells, all at once. The first row of a sheet names its columns. Changes nothing.',
      input: z.object({ ranges: z.array(range).min(1).max(20) }),
      output: z.object({ ranges: z.array(cells) }),
      annotations: READS,
      run: async (input, { signal }) => ({ ranges: (await sheets.readRanges(input.ranges, { signal })).map(mutable) }),
    }),
    defineMcpTool({
      name: 'find_rows',
      title: 'Find rows',
      description:
        'Finds rows, a client by his address for example, by what stands under the names of columns. Letter case does not count. Changes nothing.',
      input: z.object({
        sheet,
        where: z.record(z.string().min(1).max(200), cell).describe('Column names, each with what must stand there'),
        limit: z.int().min(1).max(100).optional(),
      }),
      output: z.object({
        rows: z.array(z.object({ row: z.number(), values: z.record(z.string(), cell) })),
      }),
      annotations: READS,
      run: async ({ limit = 20, ...query }, { signal }) => ({
        rows: [...(await sheets.findRows({ ...query, limit }, { signal }))],
      }),
    }),
    defineMcpTool({
      name: 'append_rows',
      title: 'Append rows',
      description: 'Adds rows at the end of a sheet. Only when the customer has asked for it.',
      input: z.object({ sheet, rows, idempotencyKey }),
      output: z.object({ range: z.string(), rows: z.number() }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      run: ({ sheet: name, rows: added, idempotencyKey: key }, { signal }) =>
        sheets.appendRows({ range: `'${name.replaceAll("'", "''")}'`, rows: added }, writeOptions(signal, key)),
    }),
    defineMcpTool({
      name: 'update_range',
      title: 'Write over a range',
      description:
        'Writes rows over what stands in a range. Only when the customer has asked for it. Doing it twice does no harm.',
      input: z.object({ range, rows }),
      output: z.object({ range: z.string(), rows: z.number(), cells: z.number() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
      run: (input, { signal }) => sheets.updateRange(input, { signal }),
    }),
  ]
}

function mutable({ range: name, rows: found }: Awaited<ReturnType<GoogleSheets['readRange']>>): z.output<typeof cells> {
  return { range: name, rows: found.map((row) => [...row]) }
}
