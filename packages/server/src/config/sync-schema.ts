import * as z from 'zod'
import type {
  HubSpotSourceOptions,
  PullOptions,
  SheetSourceOptions,
  StoreSourceOptions,
  SyncKindOptions,
  SyncOptions,
} from './options.ts'

type Shape<T> = { [Key in keyof Required<T>]: z.ZodType }

const KINDS = ['client', 'quote', 'aircraft'] as const
const STRATEGIES = ['newest', 'trusted', 'merge', 'ask'] as const
const DELETIONS = ['source', 'newest', 'trusted', 'ask'] as const

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ')
const oneOf = (values: readonly [string, ...string[]]): z.ZodType => z.enum(values, `one of ${quoted(values)}`)
const object = (what: string) => ({
  error: (issue: { code?: string }): string | undefined => (issue.code === 'invalid_type' ? what : undefined),
})

const text = (allowed: string, most = 200): z.ZodType => {
  const whole = `${allowed}, 1 to ${most} characters`
  return z.string(whole).trim().min(1, whole).max(most, whole)
}
const namesOfSources = z.array(text('the name of a source', 64), 'a list of names of sources').optional()
const variableAllowed = 'the name of an environment variable'
const variable = z
  .string(variableAllowed)
  .regex(/^[A-Z_][A-Z0-9_]*$/, variableAllowed)
  .optional()
const fieldAllowed = 'a letter, and up to 63 letters, digits, hyphens and underscores'
const field = z.string(fieldAllowed).regex(/^(?!__proto__$)[A-Za-z][\w-]{0,63}$/, fieldAllowed)
const columns = 'an object of names of columns by field'
const propertyAllowed = 'the name of a property: lower-case letters, digits and underscores'
const property = z.string(propertyAllowed).regex(/^[a-z][a-z0-9_]{0,99}$/, propertyAllowed)
const properties = 'an object of names of properties by field'
const propertiesOfOne = `${propertyAllowed}, or a list of 1 to 10 of them`

const strategy = oneOf(STRATEGIES)
const chosenBy = `one of ${quoted(STRATEGIES)}, or an object with a strategy and an order of trust`

const kindOptions = z.strictObject(
  {
    trust: namesOfSources,
    fields: z
      .record(
        field,
        z.union([strategy, z.strictObject({ strategy, trust: namesOfSources })], chosenBy),
        'an object of strategies by field',
      )
      .optional(),
    deletion: oneOf(DELETIONS).optional(),
  } satisfies Shape<SyncKindOptions>,
  object('an object of trust, fields and deletion'),
)

/** What a schedule may be made of; whether it is one is said by who runs it. */
const cronAllowed = 'five fields of cron, such as "*/15 * * * *"'

const pull = {
  tenants: z
    .array(z.string('the name of a tenant').min(1, 'the name of a tenant'), 'a list of names of tenants')
    .min(1, 'a list of at least one tenant')
    .optional(),
  cron: z
    .string(cronAllowed)
    .regex(/^\s*\S+(?:\s+\S+){4}\s*$/, cronAllowed)
    .max(200, cronAllowed)
    .optional(),
  timeZone: z
    .string('the name of a time zone')
    .refine(isTimeZone, 'the IANA name of a time zone, such as "America/New_York"')
    .optional(),
} satisfies Shape<PullOptions>

const spreadsheetAllowed = 'the part of its address between /d/ and /edit'

const source = z.discriminatedUnion(
  'from',
  [
    z.strictObject({ from: z.literal('store'), ...pull } satisfies Shape<StoreSourceOptions>),
    z.strictObject({
      from: z.literal('google-sheets'),
      kind: oneOf(KINDS).optional(),
      sheet: text('the name of a sheet', 100),
      id: text('the name of a column'),
      fields: z
        .record(field, text('the name of a column'), columns)
        .refine((all) => Object.keys(all).length > 0, columns),
      modifiedColumn: text('the name of a column').optional(),
      spreadsheetId: z
        .string(spreadsheetAllowed)
        .regex(/^[A-Za-z0-9_-]{1,128}$/, spreadsheetAllowed)
        .optional(),
      keyVariable: variable,
      ...pull,
    } satisfies Shape<SheetSourceOptions>),
    z.strictObject({
      from: z.literal('hubspot'),
      kind: oneOf(KINDS).optional(),
      type: oneOf(['contacts', 'companies', 'deals']).optional(),
      fields: z
        .record(
          field,
          z.union(
            [property, z.array(property, propertiesOfOne).min(1, propertiesOfOne).max(10, propertiesOfOne)],
            propertiesOfOne,
          ),
          properties,
        )
        .refine((all) => Object.keys(all).length > 0, properties)
        .optional(),
      tokenVariable: variable,
      ...pull,
    } satisfies Shape<HubSpotSourceOptions>),
  ],
  'a source, with `from` one of "store", "google-sheets", "hubspot"',
)

/** Makes the shape of the whole section. */
export function syncSchema(names: z.ZodType<string>): z.ZodType {
  const keep = 'a whole number of milliseconds from 0 to 315,360,000,000'
  return z
    .strictObject(
      {
        sources: z
          .record(names as z.ZodType<string, string>, source, 'an object of sources by name')
          .refine((all) => Object.keys(all).length >= 1 && Object.keys(all).length <= 20, '1 to 20 sources'),
        kinds: z
          .strictObject(
            { client: kindOptions.optional(), quote: kindOptions.optional(), aircraft: kindOptions.optional() },
            object(`an object of ${quoted(KINDS)}`),
          )
          .optional(),
        keepDeletedMs: z.number(keep).int(keep).min(0, keep).max(315_360_000_000, keep).optional(),
      } satisfies Shape<SyncOptions>,
      object('an object with sources'),
    )
    .optional()
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
