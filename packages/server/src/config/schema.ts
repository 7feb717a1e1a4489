import type { DeskDefinition } from '@holdfast/agents/desks'
import type { AssistantDefinition } from '@holdfast/ai'
import type { BreakerOptions, HedgeOptions, RetryOptions } from '@holdfast/core'
import type { GoodputLimitOptions } from '@holdfast/core/admission'
import * as z from 'zod'
import { budgetsSchema } from './budget-schema.ts'
import { isPlainAddress, modelSchema, PLAIN_ADDRESS } from './model-schema.ts'
import { syncSchema } from './sync-schema.ts'
import type {
  EmergencyOptions,
  HoldfastConfig,
  IntegrationPolicies,
  MemoryOptions,
  ServerOptions,
  StorageOptions,
  TenantOptions,
  ToolServerOptions,
  WebhookOptions,
} from './options.ts'

// Every leaf has one message, which says what is allowed; the check adds what came.

const DAY_MS = 86_400_000
const name = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
const nameAllowed = '1 to 64 lower-case letters, digits and hyphens'
const nameAllowed60 = '1 to 60 lower-case letters, digits and hyphens'

function whole(min: number, max: number, unit?: string): z.ZodType<number> {
  const allowed = `a whole number${unit ? ` of ${unit}` : ''} from ${count(min)} to ${count(max)}`
  return z.number(allowed).int(allowed).min(min, allowed).max(max, allowed)
}

function share(): z.ZodType<number> {
  const allowed = 'a number above 0, up to 1'
  return z.number(allowed).gt(0, allowed).max(1, allowed)
}

function between(min: number, max: number): z.ZodType<number> {
  const allowed = `a number from ${count(min)} to ${count(max)}`
  return z.number(allowed).min(min, allowed).max(max, allowed)
}

/** A duration of a policy; core takes fractions too. */
function milliseconds(min: number): z.ZodType<number> {
  const allowed = `a number of milliseconds from ${count(min)} to ${count(DAY_MS)}`
  return z.number(allowed).min(min, allowed).max(DAY_MS, allowed)
}

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values): z.ZodType<Values[number]> {
  return z.enum(values, `one of ${values.map((value) => `"${value}"`).join(', ')}`)
}

function text(allowed = 'some text'): z.ZodType<string> {
  return z.string(allowed).trim().min(1, allowed)
}

function list<T>(item: z.ZodType<T>, allowed: string): z.ZodType<readonly T[]> {
  return z.array(item, allowed).readonly()
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Each field of `T` is required to be here, so that a new option cannot be forgotten. */
type Shape<T> = { [Key in keyof Required<T>]: z.ZodType }

const retry = z
  .union(
    [
      z.strictObject({
        maxRetries: whole(0, 100).optional(),
        backoffMs: milliseconds(0).optional(),
        growth: oneOf('constant', 'linear', 'exponential').optional(),
        factor: between(1, 10).optional(),
        maxBackoffMs: milliseconds(0).optional(),
        jitter: oneOf('none', 'full', 'equal', 'decorrelated', 'smooth').optional(),
        budgetRatio: between(0, 1).optional(),
        budgetFloor: whole(0, 1_000_000).optional(),
      } satisfies Shape<Omit<RetryOptions, 'when'>>),
      z.literal(false),
    ],
    'an object of retry options, or false for none',
  )
  .optional()

const breaker = z
  .union(
    [
      z.strictObject({
        windowMs: milliseconds(10).optional(),
        windowCalls: whole(0, 100_000).optional(),
        rule: oneOf('ratio', 'wilson').optional(),
        minimumCalls: whole(1, 1_000_000).optional(),
        failureRatio: share().optional(),
        slowCallMs: milliseconds(0).optional(),
        slowRatio: share().optional(),
        consecutiveFailures: whole(0, 1_000_000).optional(),
        openMs: milliseconds(1).optional(),
        maxOpenMs: milliseconds(1).optional(),
        openJitter: between(0, 1).optional(),
        halfOpenProbes: whole(1, 1_000).optional(),
        halfOpenSuccesses: whole(1, 1_000).optional(),
        probeLeaseMs: milliseconds(1).optional(),
        rampUpMs: milliseconds(0).optional(),
        rampUpMinimumShare: share().optional(),
      } satisfies Shape<BreakerOptions>),
      z.literal(false),
    ],
    'an object of breaker options, or false for none',
  )
  .optional()

const hedge = z
  .union(
    [
      z.strictObject({
        delayMs: milliseconds(0).optional(),
        quantile: between(0.5, 0.999).optional(),
        minimumCalls: whole(1, 1_000_000).optional(),
        maxHedges: whole(1, 10).optional(),
        budgetRatio: between(0, 1).optional(),
        budgetFloor: whole(0, 1_000_000).optional(),
      } satisfies Shape<HedgeOptions>),
      z.literal(false),
    ],
    'an object of hedge options, or false for none',
  )
  .optional()

const goodputLimit = z
  .union(
    [
      z.strictObject({
        badShare: share().optional(),
        minLimit: whole(1, 1_000).optional(),
      } satisfies Shape<Omit<GoodputLimitOptions, 'timeoutMs'>>),
      z.literal(false),
    ],
    'an object of goodput limit options, or false for none',
  )
  .optional()

const integration = z.strictObject(
  {
    kind: oneOf(
      'webhook',
      'ai-service',
      'external-api',
      'database',
      'market-data',
      'queue',
      'cache',
      'mail',
    ).optional(),
    deadlineMs: milliseconds(1).optional(),
    attemptTimeoutMs: milliseconds(1).optional(),
    reserveMs: milliseconds(0).optional(),
    idleTimeoutMs: milliseconds(1).optional(),
    idempotent: z.boolean('true or false').optional(),
    retry,
    hedge,
    goodputLimit,
    breaker,
  } satisfies Shape<IntegrationPolicies>,
  allowedObject('an object of policies'),
)

const origin = z.string('a web origin').refine((value) => {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value
}, 'a web origin such as "https://www.example.com", without a path or a trailing slash')

const hostName = z.string('a host name').regex(/^[a-z0-9.-]+$/i, 'a host name without scheme or port')

const server = z
  .strictObject(
    {
      shutdownGraceMs: whole(0, 600_000, 'milliseconds').optional(),
      bodyLimitBytes: whole(1_024, 67_108_864, 'bytes').optional(),
      keepAliveCommentMs: whole(100, 600_000, 'milliseconds').optional(),
      stalledReaderMs: whole(100, 600_000, 'milliseconds').optional(),
      maxConcurrentAnswers: whole(1, 100_000).optional(),
      maxSessions: whole(1, 1_000_000).optional(),
      sessionIdleMs: whole(1_000, DAY_MS, 'milliseconds').optional(),
      maxSessionMessages: whole(2, 1_000).optional(),
      apiKeyGraceMs: whole(0, DAY_MS, 'milliseconds').optional(),
      corsOrigins: list(origin, 'a list of web origins').optional(),
      allowedHosts: list(hostName, 'a list of host names').optional(),
      logLevel: oneOf('silent', 'error', 'warn', 'info', 'debug').optional(),
    } satisfies Shape<ServerOptions>,
    allowedObject('an object of server options'),
  )
  .optional()

const contact = z
  .strictObject(
    { name: text(), phone: text().optional(), email: text().optional(), hours: text().optional() },
    allowedObject('an object with a name and a phone number or a mail address'),
  )
  .refine((value) => value.phone !== undefined || value.email !== undefined, 'a phone number, a mail address or both')

const assistant = z.custom<AssistantDefinition>((value) => {
  const definition = value as Partial<AssistantDefinition> | null | undefined
  return (
    typeof definition?.name === 'string' &&
    name.test(definition.name) &&
    typeof definition.title === 'string' &&
    typeof definition.description === 'string' &&
    Array.isArray(definition.integrations) &&
    (definition.models === undefined || Array.isArray(definition.models)) &&
    typeof definition.build === 'function'
  )
}, 'an assistant, as `defineAssistant` or a function such as `charterAssistant()` gives it')

const tenant = z.strictObject(
  {
    title: text().optional(),
    apiKeyVariables: list(
      z
        .string('the name of an environment variable')
        .regex(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable'),
      'a list of names of environment variables',
    ).optional(),
  } satisfies Shape<TenantOptions>,
  allowedObject('an object of tenant options'),
)

const memory = z
  .strictObject(
    {
      maxEntries: whole(1, 1_000_000).optional(),
      maxBytes: whole(1_024, 1_073_741_824, 'bytes').optional(),
      maxAgeMs: whole(1_000, 31_536_000_000, 'milliseconds').optional(),
    } satisfies Shape<MemoryOptions>,
    allowedObject('an object of memory options'),
  )
  .optional()

const emergency = z
  .strictObject(
    {
      assistants: list(text('the name of an assistant'), 'a list of names of assistants').optional(),
      phone: text('a phone number').optional(),
      directory: text('the path of a directory').optional(),
      threshold: whole(1, 100).optional(),
      openTimeoutMs: whole(0, 10_000, 'milliseconds').optional(),
      language: z
        .string('a language')
        .regex(/^[a-z]{2}$/, 'an ISO 639-1 code such as "en"')
        .optional(),
      giveUpAfterMs: whole(0, 31_536_000_000, 'milliseconds').optional(),
    } satisfies Shape<EmergencyOptions>,
    allowedObject('an object of emergency options'),
  )
  .optional()

const desk = z.custom<DeskDefinition>((value) => {
  const definition = value as Partial<DeskDefinition> | null | undefined
  return (
    typeof definition?.name === 'string' &&
    /^[a-z0-9-]{1,60}$/.test(definition.name) &&
    typeof definition.title === 'string' &&
    [definition.integrations, definition.models ?? [], definition.toolServers ?? []].every(Array.isArray) &&
    [definition.optionalToolServers ?? [], definition.toolCalls ?? []].every(Array.isArray) &&
    typeof definition.build === 'function'
  )
}, 'a desk, as `defineDesk` or a function such as `charterRequests()` gives it')

const variable = z
  .string('the name of an environment variable')
  .regex(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable')

const toolServer = z.union(
  [
    z.strictObject({
      url: z.string('an http or https address, or a `command` in its place').refine(isPlainAddress, PLAIN_ADDRESS),
      tokenVariable: variable.optional(),
    } satisfies Shape<Extract<ToolServerOptions, { url: string }>>),
    z.strictObject({
      command: text('the name of a program'),
      args: list(z.string('some text'), 'a list of texts').optional(),
      variables: list(variable, 'a list of names of environment variables').optional(),
    } satisfies Shape<Extract<ToolServerOptions, { command: string }>>),
  ],
  'an object with a url, or with a command',
)

const keptAllowed = `a number of milliseconds from ${count(DAY_MS)} to ${count(3_650 * DAY_MS)}`

const kept = z
  .int(keptAllowed)
  .min(DAY_MS, keptAllowed)
  .max(3_650 * DAY_MS, keptAllowed)

const storage = z
  .strictObject(
    {
      directory: text('the path of a directory').optional(),
      keepKeysMs: kept.optional(),
      keepEventsMs: kept.optional(),
    } satisfies Shape<StorageOptions>,
    allowedObject('an object of storage options'),
  )
  .optional()

const webhooks = z
  .strictObject(
    {
      allowHttp: z.boolean('true or false').optional(),
      allowPrivateAddresses: z.boolean('true or false').optional(),
    } satisfies Shape<WebhookOptions>,
    allowedObject('an object of webhook options'),
  )
  .optional()

const names = z.string().regex(name, nameAllowed)

/** The shape of the whole configuration. */
export const configSchema: z.ZodType = z.strictObject(
  {
    server,
    contact,
    integrations: z.record(names, integration, 'an object of integrations by name'),
    models: z.record(names, modelSchema, 'an object of language models by name').optional(),
    assistants: z.array(assistant, 'a list of assistants').min(1, 'at least one assistant'),
    tenants: z.record(names, tenant, 'an object of tenants by name').optional(),
    memory,
    budgets: budgetsSchema(names),
    emergency,
    desks: z.array(desk, 'a list of desks').optional(),
    toolServers: z
      .record(z.string().regex(/^[a-z0-9-]{1,60}$/, nameAllowed60), toolServer, 'an object of MCP servers by name')
      .optional(),
    storage,
    webhooks,
    sync: syncSchema(names),
  } satisfies Shape<HoldfastConfig>,
  allowedObject('the configuration, as `defineConfig({…})` gives it'),
)

/** A message for "this is no object at all"; unknown keys keep their own. */
function allowedObject(allowed: string): { error: (issue: { code?: string }) => string | undefined } {
  return { error: (issue) => (issue.code === 'invalid_type' ? allowed : undefined) }
}
