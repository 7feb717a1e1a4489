import { z } from 'zod'
import { checkInput } from '../api/validate.ts'
import type { FindRows, RowQuery, WriteRows } from './types.ts'

const range = z
  .string('must be a range such as Clients!A1:C9')
  .trim()
  .min(1, 'must be a range such as Clients!A1:C9')
  .max(300, 'at most 300 characters')

const sheet = z
  .string('must be the name of a sheet')
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'at most 100 characters')
const MANY_ROWS = 'needs 1 to 1,000 rows'
const MANY_CELLS = 'needs 1 to 200 cells'
const cell = z.union(
  [z.string().max(50_000), z.number(), z.boolean()],
  'must be text of at most 50,000 characters, a number or true or false',
)

const writeRows = z.strictObject({
  range,
  rows: z
    .array(z.array(cell.nullable()).min(1, MANY_CELLS).max(200, MANY_CELLS))
    .min(1, MANY_ROWS)
    .max(1_000, MANY_ROWS),
  input: z.enum(['raw', 'user-entered'], 'must be raw or user-entered').default('raw'),
})

const whole = (max: number, standard: number): z.ZodDefault<z.ZodInt> => {
  const allowed = `must be 1 to ${max.toLocaleString('en-US')}`
  return z.int(allowed).min(1, allowed).max(max, allowed).default(standard)
}

const pages = { sheet, pageRows: whole(10_000, 2_000), maxRows: whole(1_000_000, 100_000) }
const rowQuery = z.strictObject({ ...pages, raw: z.boolean('must be true or false').default(false) })

const findRows = z.strictObject({
  ...pages,
  limit: whole(1_000, 100),
  where: z
    .record(z.string().trim().min(1), cell)
    .refine((where) => Object.keys(where).length > 0, 'needs at least one column'),
})

/** Checks a range. @throws HoldfastError `INVALID_INPUT`, as all of these. */
export function checkRange(value: unknown): string {
  return checkInput('readRange', z.strictObject({ range }), { range: value }).range
}

/** Checks several ranges. */
export function checkRanges(value: unknown): string[] {
  const ranges = z.array(range).min(1, 'needs 1 to 100 ranges').max(100, 'needs 1 to 100 ranges')
  return checkInput('readRanges', z.strictObject({ ranges }), { ranges: value }).ranges
}

/** Checks rows to write. */
export function checkRows(method: string, value: unknown): Filled<WriteRows> {
  return checkInput(method, writeRows, value)
}

/** Checks which rows are wanted. */
export function checkRowQuery(value: unknown): Filled<RowQuery> {
  return checkInput('rows', rowQuery, value)
}

/** Checks what is looked for. */
export function checkFindRows(value: unknown): Filled<FindRows> {
  return checkInput('findRows', findRows, value)
}

/** Its defaults filled in. */
type Filled<Fields> = { readonly [Key in keyof Fields]-?: NonNullable<Fields[Key]> }
