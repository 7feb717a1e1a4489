import { isAbsolute, resolve } from 'node:path'
import { type Clock, type Events, type Integration, systemClock } from '@holdfast/core'
import { describe } from '../journal/options.ts'
import { invalid } from './errors.ts'
import type { StoreEvent } from './events.ts'

/** Where the store is: exactly one of `directory`, `url` and `memory`. */
export interface StoreOptions {
  /** PGlite, inside this process, with its files in this directory, which it has for itself; made if it is missing. On a disk of this machine. */
  readonly directory?: string | undefined
  /** PostgreSQL 15 or later: `postgresql://login:password@host:5432/database`. The login becomes `holdfast_app` and `holdfast_worker`, so it has to be a member of both. */
  readonly url?: string | undefined
  /** PGlite in memory, which ends with the process: for tests. */
  readonly memory?: boolean | undefined
  /** Who migrates, where that is another login than the one of `url`: it makes roles and schemas. Default: `url`. */
  readonly migrationUrl?: string | undefined
  /** Whether missing migrations are made; if not, a store that lacks some is not opened. Default: true. */
  readonly migrate?: boolean | undefined
  /** How many transactions run at once. PGlite runs one. 1 to 1,000. Default: 10. */
  readonly poolSize?: number | undefined
  /** Transactions that may wait for a connection, in equal shares for each tenant; more are refused. 0 to 1,000,000. Default: 1,000. */
  readonly maxWaiting?: number | undefined
  /** Total time of a transaction, waiting for a connection included, in ms; then it is rolled back. 1 to 86,400,000. Default: 10,000. */
  readonly deadlineMs?: number | undefined
  /** For a connection to be made, in ms. 1 to 600,000. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** How long to wait for somebody else who migrates, in ms. 1 to 86,400,000. Default: 60,000. */
  readonly migrationWaitMs?: number | undefined
  /** How long `close` waits for transactions under way before it rolls them back, in ms. 0 to 600,000. Default: 5,000. */
  readonly closeGraceMs?: number | undefined
  /** Through which every transaction goes, for its breaker, its limits and its health. Default: none. */
  readonly integration?: Integration | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Where it reports. Default: nowhere. */
  readonly events?: Events<StoreEvent> | undefined
}

/** What {@link StoreOptions} fall back to. */
export const STORE_DEFAULTS: Readonly<{
  migrate: boolean
  poolSize: number
  maxWaiting: number
  deadlineMs: number
  connectTimeoutMs: number
  migrationWaitMs: number
  closeGraceMs: number
}> = Object.freeze({
  migrate: true,
  poolSize: 10,
  maxWaiting: 1_000,
  deadlineMs: 10_000,
  connectTimeoutMs: 5_000,
  migrationWaitMs: 60_000,
  closeGraceMs: 5_000,
})

/** Where it is, told apart. */
export type Place =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'memory' }
  | { readonly kind: 'url'; readonly url: string; readonly migrationUrl: string | undefined }

/** Options with nothing left out. */
export interface StoreSettings {
  readonly place: Place
  readonly migrate: boolean
  readonly poolSize: number
  readonly maxWaiting: number
  readonly deadlineMs: number
  readonly connectTimeoutMs: number
  readonly migrationWaitMs: number
  readonly closeGraceMs: number
  readonly integration: Integration | undefined
  readonly clock: Clock
  readonly events: Events<StoreEvent> | undefined
}

const RANGES = {
  poolSize: [1, 1_000],
  maxWaiting: [0, 1_000_000],
  deadlineMs: [1, 86_400_000],
  connectTimeoutMs: [1, 600_000],
  migrationWaitMs: [1, 86_400_000],
  closeGraceMs: [0, 600_000],
} as const

const PLACES = ['directory', 'url', 'memory'] as const
const OTHERS = ['migrationUrl', 'migrate', 'integration', 'clock', 'events'] as const
const NAMES: readonly string[] = [...PLACES, ...OTHERS, ...Object.keys(RANGES)]

/** Checks options and fills in what is left out. @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: StoreOptions): StoreSettings {
  if (typeof options !== 'object' || options === null) throw refused('store', 'an object of options', options)
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue
    throw invalid('INVALID_OPTION', `store.${name} is not an option; the options are ${NAMES.join(', ')}`)
  }
  const { migrate = STORE_DEFAULTS.migrate } = options
  if (typeof migrate !== 'boolean') throw refused('store.migrate', 'true or false', migrate)
  const number = (option: keyof typeof RANGES): number => {
    const value = options[option] ?? STORE_DEFAULTS[option]
    checkNumber(`store.${option}`, value, RANGES[option])
    return value
  }
  return {
    place: placeOf(options),
    migrate,
    poolSize: number('poolSize'),
    maxWaiting: number('maxWaiting'),
    deadlineMs: number('deadlineMs'),
    connectTimeoutMs: number('connectTimeoutMs'),
    migrationWaitMs: number('migrationWaitMs'),
    closeGraceMs: number('closeGraceMs'),
    integration: withMethods('store.integration', options.integration, undefined, 'call', 'snapshot'),
    clock: withMethods('store.clock', options.clock, systemClock, 'now', 'wallTime', 'sleep', 'schedule'),
    events: withMethods('store.events', options.events, undefined, 'emit', 'on'),
  }
}

/** The deadline of one call. @throws HoldfastError `INVALID_OPTION` */
export function checkDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs !== undefined) checkNumber('deadlineMs', deadlineMs, RANGES.deadlineMs)
}

function placeOf({ directory, url, memory = false, migrationUrl }: StoreOptions): Place {
  if (typeof memory !== 'boolean') throw refused('store.memory', 'true or false', memory)
  const given = [directory !== undefined, url !== undefined, memory].filter(Boolean).length
  if (given !== 1) throw invalid('INVALID_OPTION', `store needs exactly one of ${PLACES.join(', ')}, and has ${given}`)
  if (url !== undefined) {
    checkUrl('store.url', url)
    if (migrationUrl !== undefined) checkUrl('store.migrationUrl', migrationUrl)
    return { kind: 'url', url, migrationUrl }
  }
  if (migrationUrl !== undefined) throw invalid('INVALID_OPTION', 'store.migrationUrl goes with store.url only')
  if (memory) return { kind: 'memory' }
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0'))
    throw refused('store.directory', 'the path of a directory', directory)
  return { kind: 'directory', directory: isAbsolute(directory) ? directory : resolve(directory) }
}

/** Says nothing of what came: there may be a password in it. */
function checkUrl(option: string, url: unknown): void {
  const isUrl =
    typeof url === 'string' && URL.canParse(url) && /^postgres(ql)?:\/\//.test(url) && /\/./.test(new URL(url).pathname)
  if (!isUrl)
    throw invalid('INVALID_OPTION', `${option} must be a URL such as postgresql://login:password@host:5432/database`)
}

function checkNumber(option: string, value: unknown, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
  throw refused(
    option,
    `a whole number from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`,
    value,
  )
}

function withMethods<Part extends object | undefined>(
  option: string,
  value: Part | undefined,
  otherwise: Part,
  ...methods: readonly string[]
): Part {
  if (value === undefined) return otherwise
  const isOne =
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function')
  if (isOne) return value
  throw refused(option, `an object with ${methods.join(', ')}`, value)
}

function refused(option: string, allowed: string, came: unknown): Error {
  return invalid('INVALID_OPTION', `${option} must be ${allowed}, but is ${describe(came)}`)
}
