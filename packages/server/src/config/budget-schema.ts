import * as z from 'zod'
import type { BudgetLimitOptions, BudgetOptions } from './options.ts'

type Shape<T> = { [Key in keyof Required<T>]: z.ZodType }

const DIMENSIONS = ['tenant', 'key', 'provider', 'model', 'credential'] as const
const PERIODS = ['minute', 'hour', 'day', 'week', 'month'] as const

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ')
const perAllowed = `a list of ${quoted(DIMENSIONS)}`
const nameAllowed = 'a name, or a list of names'
const periodAllowed = `one of ${quoted(PERIODS)}`

const amount = (most: string, max: number): z.ZodType => {
  const allowed = `a number from 0 to ${most}`
  return z.number(allowed).min(0, allowed).max(max, allowed).optional()
}
const money = amount('1,000,000,000', 1_000_000_000)
const tokens = amount('1,000,000,000,000,000', 1e15)

const name = z.string(nameAllowed).min(1, nameAllowed)
const names = z.union([name, z.array(name, nameAllowed).min(1, nameAllowed)], nameAllowed).optional()

const scope = z
  .strictObject(
    { tenant: names, key: names, provider: names, model: names, credential: names } satisfies Shape<
      NonNullable<BudgetLimitOptions['only']>
    >,
    { error: (issue) => (issue.code === 'invalid_type' ? `an object of ${quoted(DIMENSIONS)}` : undefined) },
  )
  .optional()

/** The shape of one limit. */
export const budgetLimitSchema: z.ZodObject<Readonly<Record<keyof BudgetLimitOptions, z.ZodType>>> = z.strictObject(
  {
    period: z.enum(PERIODS, periodAllowed),
    window: z.enum(['fixed', 'rolling'], 'one of "fixed", "rolling"').optional(),
    per: z.array(z.enum(DIMENSIONS, `one of ${quoted(DIMENSIONS)}`), perAllowed).optional(),
    only: scope,
    except: scope,
    softCost: money,
    maxCost: money,
    softTokens: tokens,
    maxTokens: tokens,
    softRequests: tokens,
    maxRequests: tokens,
    onSoft: z.enum(['tell', 'cheapest'], 'one of "tell", "cheapest"').optional(),
  } satisfies Shape<BudgetLimitOptions>,
  { error: (issue) => (issue.code === 'invalid_type' ? 'an object with a period and a limit' : undefined) },
)

/** Makes the shape of the whole section. */
export function budgetsSchema(limitName: z.ZodType<string>): z.ZodType {
  const accounts = 'a whole number from 10 to 1,000,000'
  const expected = 'a whole number of tokens from 0 to 10,000,000'
  return z
    .strictObject(
      {
        limits: z
          .record(limitName as z.ZodType<string, string>, budgetLimitSchema, 'an object of limits by name')
          .refine((limits) => inRange(Object.keys(limits).length), '1 to 100 limits'),
        maxAccounts: z.number(accounts).int(accounts).min(10, accounts).max(1_000_000, accounts).optional(),
        expectedOutputTokens: z.number(expected).int(expected).min(0, expected).max(10_000_000, expected).optional(),
      } satisfies Shape<BudgetOptions>,
      { error: (issue) => (issue.code === 'invalid_type' ? 'an object of budget options' : undefined) },
    )
    .optional()
}

function inRange(count: number): boolean {
  return count >= 1 && count <= 100
}
