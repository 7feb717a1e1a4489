import { HoldfastError } from '@holdfast/core'
import type { Events, Integration, CoreEvent } from '@holdfast/core'
import type { Signs } from './signs.ts'

/** How a store is opened. */
export interface StoreOptions {
  /**
   * The address of a PostgreSQL server, `postgres://user:password@host/database`. Its user must be a member of the roles of the store, and should be nothing else. Default: none, an embedded
   * one is used.
   */
  readonly url?: string | undefined
  /** The directory of the embedded one; made, for the owner only, if it is missing. Default: in memory, gone at the end. */
  readonly directory?: string | undefined
  /** A user that may change the schema. Default: `url`. */
  readonly migrationUrl?: string | undefined
  /** Whether the schema is brought up to date when the store is opened; otherwise one that is not up to date is refused. Default: true. */
  readonly migrate?: boolean | undefined
  /** Connections to a server at most. 1 to 1,000. Default: 10. */
  readonly maxConnections?: number | undefined
  /** For a connection, in ms. 1 to 300,000. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** For a whole transaction, what is done in it included, in ms. 1 to 3,600,000. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** For migrations, backup and restore, in ms. 1 to 86,400,000. Default: 600,000. */
  readonly maintenanceTimeoutMs?: number | undefined
  /** What tells the other processes on the same server of events, in place of the database. Default: none, the database does. */
  readonly signs?: Signs | undefined
  /** Every transaction runs through it. Default: one named `store`, of kind `database`, with `events`. */
  readonly integration?: Integration | undefined
  readonly events?: Events<CoreEvent> | undefined
}

type Numbers = 'maxConnections' | 'connectTimeoutMs' | 'timeoutMs' | 'maintenanceTimeoutMs'

/** What {@link StoreOptions} fall back to. */
export const STORE_DEFAULTS: Readonly<Record<Numbers, number> & { migrate: boolean }> = Object.freeze({
  migrate: true,
  maxConnections: 10,
  connectTimeoutMs: 5_000,
  timeoutMs: 10_000,
  maintenanceTimeoutMs: 600_000,
})

const HIGHEST: Readonly<Record<Numbers, number>> = {
  maxConnections: 1_000,
  connectTimeoutMs: 300_000,
  timeoutMs: 3_600_000,
  maintenanceTimeoutMs: 86_400_000,
}

/** Options with their defaults. */
export interface StoreSettings extends Record<Numbers, number> {
  readonly url: string | undefined
  readonly migrationUrl: string | undefined
  readonly directory: string | undefined
  readonly migrate: boolean
}

/** @throws HoldfastError `INVALID_OPTION`, which never shows an address: a password may be in it. */
export function settingsOf(options: StoreOptions): StoreSettings {
  const { url, directory, migrationUrl = url, migrate = STORE_DEFAULTS.migrate } = options
  if (url !== undefined && directory !== undefined) throw invalid('url and directory', 'cannot be given both')
  address('url', url)
  address('migrationUrl', migrationUrl)
  if (url === undefined && migrationUrl !== undefined) throw invalid('migrationUrl', 'needs a url beside it')
  if (url === undefined && options.signs !== undefined)
    throw invalid('signs', 'needs a url beside it: an embedded database has no other processes')
  if (directory !== undefined && (typeof directory !== 'string' || directory === ''))
    throw invalid('directory', 'must be a path')
  if (typeof migrate !== 'boolean') throw invalid('migrate', 'must be true or false')
  const numbers = {} as Record<Numbers, number>
  for (const name of Object.keys(HIGHEST) as Numbers[]) {
    const value = options[name] ?? STORE_DEFAULTS[name]
    if (!Number.isInteger(value) || value < 1 || value > HIGHEST[name]) {
      throw invalid(name, `must be a whole number from 1 to ${HIGHEST[name]}, but is ${String(value)}`)
    }
    numbers[name] = value
  }
  return { url, directory, migrationUrl, migrate, ...numbers }
}

function address(name: string, url: string | undefined): void {
  if (url === undefined) return
  const isAddress = typeof url === 'string' && URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)
  if (!isAddress) throw invalid(name, 'must be an address like postgres://user:password@host:5432/database')
}

function invalid(name: string, problem: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `openStore: ${name} ${problem}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
