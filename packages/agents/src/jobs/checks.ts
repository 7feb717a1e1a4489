import { randomUUID } from 'node:crypto'
import { CronExpressionParser } from 'cron-parser'
import { z } from 'zod'
import type { NewJob, WorkSettings } from './driver.ts'
import { jobError } from './failures.ts'
import { PRIORITIES } from './job.ts'
import type { AddOptions, JobTree, NewSchedule, Schedule } from './job.ts'

/** What {@link AddOptions} and the waits fall back to. */
export const JOB_DEFAULTS: Readonly<{
  maxRetries: number
  backoffMs: number
  maxBackoffMs: number
  concurrency: number
  attemptTimeoutMs: number
  addTimeoutMs: number
  drainMs: number
}> = Object.freeze({
  maxRetries: 2,
  backoffMs: 1_000,
  maxBackoffMs: 60_000,
  concurrency: 1,
  attemptTimeoutMs: 900_000,
  addTimeoutMs: 2_000,
  drainMs: 10_000,
})

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
/** What a job may bring along, and what it may come to, in bytes of JSON. */
const MAX_BYTES = 1_048_576
const MAX_TREE = 1_000

const whole = (least: number, most: number): z.ZodNumber => {
  const allowed = `must be a whole number from ${least} to ${most}`
  return z.number(allowed).int(allowed).min(least, allowed).max(most, allowed)
}
const text = (most: number): z.ZodString => {
  const allowed = `must be text of 1 to ${most} characters`
  return z.string(allowed).min(1, allowed).max(most, allowed)
}

const queueName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits and "-"')
const retry = z.strictObject({
  maxRetries: whole(0, 100).default(JOB_DEFAULTS.maxRetries),
  backoffMs: whole(0, DAY_MS).default(JOB_DEFAULTS.backoffMs),
  maxBackoffMs: whole(0, DAY_MS).default(JOB_DEFAULTS.maxBackoffMs),
})
const addOptions = z.strictObject({
  tenant: text(200).default('default'),
  requestId: text(200).optional(),
  traceparent: z
    .string()
    .regex(/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/, 'must be a W3C traceparent')
    .optional(),
  priority: z.enum(['urgent', 'high', 'normal', 'low'], `must be one of ${PRIORITIES.join(', ')}`).default('normal'),
  delayMs: whole(0, YEAR_MS).default(0),
  deadlineMs: whole(1, YEAR_MS).optional(),
  retry: retry.default({
    maxRetries: JOB_DEFAULTS.maxRetries,
    backoffMs: JOB_DEFAULTS.backoffMs,
    maxBackoffMs: JOB_DEFAULTS.maxBackoffMs,
  }),
  deduplicationKey: text(200).optional(),
  transaction: z.unknown().optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

const workOptions = z.strictObject({
  concurrency: whole(1, 1_000).default(JOB_DEFAULTS.concurrency),
  rateLimit: z.strictObject({ max: whole(1, 1_000_000), perMs: whole(1, DAY_MS) }).optional(),
  attemptTimeoutMs: whole(1, DAY_MS).default(JOB_DEFAULTS.attemptTimeoutMs),
})

/** A job that may be added. @throws HoldfastError `INVALID_JOB` */
export function checkJob(
  queue: string,
  data: unknown,
  options: AddOptions,
  now: number,
  children: readonly NewJob[] = [],
): NewJob {
  checkQueue(queue)
  const {
    tenant,
    requestId,
    traceparent,
    priority,
    delayMs,
    deadlineMs,
    retry: again,
    deduplicationKey,
  } = checked(addOptions, options, 'options')
  return {
    queue,
    id: randomUUID(),
    envelope: {
      data: checkJson(data, 'data'),
      tenant,
      retry: again,
      ...(requestId === undefined ? {} : { requestId }),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(deadlineMs === undefined ? {} : { deadlineAt: now + deadlineMs }),
      ...(children.length === 0 ? {} : { children: children.map(({ queue: of, id }) => ({ queue: of, id })) }),
    },
    priority: PRIORITIES.indexOf(priority),
    children,
    ...(delayMs === 0 ? {} : { notBefore: now + delayMs }),
    // Of the tenant: what others have for a key is nobody else's business.
    ...(deduplicationKey === undefined ? {} : { deduplicationKey: JSON.stringify([tenant, deduplicationKey]) }),
  }
}

/** @throws HoldfastError `INVALID_JOB` */
export function checkTree(tree: JobTree, now: number): NewJob {
  let count = 0
  const make = ({ queue, data, options = {}, children = [] }: JobTree): NewJob => {
    count += 1
    if (count > MAX_TREE) throw invalid('a tree', `must have at most ${MAX_TREE} jobs`)
    if (!Array.isArray(children)) throw invalid('children', 'must be a list')
    if ('deduplicationKey' in options || 'transaction' in options)
      throw invalid('options of a tree', 'must be without deduplicationKey and transaction')
    return checkJob(
      queue,
      data,
      options,
      now,
      children.map((child) => make(child as JobTree)),
    )
  }
  return make(tree)
}

/** @throws HoldfastError `INVALID_JOB` */
export function checkQueue(queue: string): string {
  return checked(queueName, queue, 'queue')
}

/** @throws HoldfastError `INVALID_JOB` */
export function checkWork(options: object): WorkSettings {
  const { rateLimit, ...rest } = checked(workOptions, options, 'options')
  return rateLimit === undefined ? rest : { ...rest, rateLimit }
}

/** @throws HoldfastError `INVALID_JOB` */
export function checkSchedule(key: string, { queue, cron, timeZone = 'UTC' }: NewSchedule): Schedule {
  checked(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits and "-"'),
    key,
    'key',
  )
  checkQueue(queue)
  nextRuns(cron, timeZone, new Date(0), 1)
  return { key, queue, cron, timeZone }
}

/** When a schedule comes next. @throws HoldfastError `INVALID_JOB` for a wrong expression or an unknown time zone. */
export function nextRuns(cron: string, timeZone: string, from: Date, count: number): readonly Date[] {
  return timesOf(cron, timeZone, from, (times) => Array.from({ length: count }, () => times.next().toDate()))
}

/** When a schedule was due, the latest first: the last times up to `until`, and that itself where it is one. @throws HoldfastError as {@link nextRuns} */
export function lastRuns(cron: string, timeZone: string, until: Date, count: number): readonly Date[] {
  // The parser gives times before the one that it is given.
  const after = new Date(until.getTime() + 1)
  return timesOf(cron, timeZone, after, (times) => Array.from({ length: count }, () => times.prev().toDate()))
}

function timesOf(
  cron: string,
  timeZone: string,
  currentDate: Date,
  walk: (times: ReturnType<typeof CronExpressionParser.parse>) => readonly Date[],
): readonly Date[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw invalid('timeZone', 'must be the IANA name of a time zone, such as America/New_York')
  }
  try {
    if (typeof cron !== 'string' || cron.trim().split(/\s+/).length !== 5) throw new Error('five fields')
    return walk(CronExpressionParser.parse(cron, { tz: timeZone, currentDate }))
  } catch {
    throw invalid(
      'cron',
      'must have five fields (minute, hour, day of the month, month, day of the week), such as 0 9 * * *',
    )
  }
}

/** A value as JSON has it. @throws HoldfastError `INVALID_JOB` */
export function checkJson(value: unknown, what: string, maxBytes: number = MAX_BYTES): unknown {
  let written: string | undefined
  try {
    written = JSON.stringify(value ?? null)
  } catch {
    // Circular, or a big integer.
  }
  if (written === undefined) throw invalid(what, 'must be what JSON can say')
  if (written.length > maxBytes)
    throw invalid(what, `must have at most ${maxBytes} characters as JSON, and has ${written.length}`)
  // PostgreSQL has no such character in a text; where the backslash itself is written, it is another text.
  if (/(?:^|[^\\])(?:\\\\)*\\u0000/.test(written)) throw invalid(what, 'must not have the character NUL in it')
  return JSON.parse(written)
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalid([what, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is wrong')
}

function invalid(what: string, problem: string): Error {
  return jobError('INVALID_JOB', 'validation', `${what}: ${problem}`)
}
