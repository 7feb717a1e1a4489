import { jobError } from '../failures.ts'

/** An embedded PostgreSQL: an instance of `PGlite`. */
export interface Pglite {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  exec(text: string): Promise<{ rows: unknown[] }[]>
}

/** Where the jobs wait. */
export interface PgBossDriverOptions {
  /** A server: `postgres://user:password@host/database`. Its user must be able to make a schema, or own it. */
  readonly url?: string | undefined
  /** Or an embedded one, which stays open when the jobs are closed. Of several drivers on it each tells its own waiters at once; the others look. */
  readonly pglite?: Pglite | undefined
  /** Its tables are there. 1 to 48 lower-case letters, digits and `_`. Default: `holdfast_jobs`. */
  readonly schema?: string | undefined
  /** Connections to a server at most. 2 to 1,000. Default: 10. */
  readonly maxConnections?: number | undefined
  /** After so long without a sign of life a job is given to another worker, in ms. 10,000 to 3,600,000, in whole seconds. Default: 30,000. */
  readonly stalledAfterMs?: number | undefined
  /** How long jobs that are over are kept, in ms. 1,000 to 31,536,000,000. Default: 604,800,000 (a week). */
  readonly keepMs?: number | undefined
}

/** What {@link PgBossDriverOptions} fall back to. */
export const PG_BOSS_DEFAULTS: Readonly<{
  schema: string
  maxConnections: number
  stalledAfterMs: number
  keepMs: number
}> = Object.freeze({
  schema: 'holdfast_jobs',
  maxConnections: 10,
  stalledAfterMs: 30_000,
  keepMs: 604_800_000,
})

/** Options with their defaults. */
export interface PgBossSettings {
  readonly url: string | undefined
  readonly pglite: Pglite | undefined
  readonly schema: string
  readonly maxConnections: number
  readonly stalledAfterSeconds: number
  readonly keepSeconds: number
}

/** @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: PgBossDriverOptions): PgBossSettings {
  const { url, pglite, schema = PG_BOSS_DEFAULTS.schema, maxConnections = PG_BOSS_DEFAULTS.maxConnections } = options
  const { stalledAfterMs = PG_BOSS_DEFAULTS.stalledAfterMs, keepMs = PG_BOSS_DEFAULTS.keepMs } = options
  if ((url === undefined) === (pglite === undefined)) throw invalid('url and pglite', 'must be given: one of them')
  if (url !== undefined && !(URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol))) {
    throw invalid('url', 'must be an address like postgres://user:password@host:5432/database')
  }
  if (typeof schema !== 'string' || !/^[a-z][a-z0-9_]{0,47}$/.test(schema))
    throw invalid('schema', 'must be 1 to 48 lower-case letters, digits and "_"')
  between('maxConnections', maxConnections, 2, 1_000)
  between('stalledAfterMs', stalledAfterMs, 10_000, 3_600_000)
  between('keepMs', keepMs, 1_000, 31_536_000_000)
  return {
    url,
    pglite,
    schema,
    maxConnections,
    stalledAfterSeconds: Math.ceil(stalledAfterMs / 1_000),
    keepSeconds: Math.ceil(keepMs / 1_000),
  }
}

function between(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw invalid(option, `must be a whole number from ${least} to ${most}, but is ${String(value)}`)
}

function invalid(option: string, problem: string): Error {
  return jobError('INVALID_OPTION', 'validation', `pgBossDriver: ${option} ${problem}`)
}
