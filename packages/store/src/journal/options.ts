import { isAbsolute, resolve } from 'node:path'
import { type Clock, type Events, systemClock } from '@holdfast/core'
import type { Files } from '../files/files.ts'
import { nodeFiles } from '../files/node-files.ts'
import { invalid } from './errors.ts'
import type { JournalEvent } from './events.ts'

/** Where a journal is, and how much it may hold. */
export interface JournalOptions {
  /** The directory it has for itself; made if it is missing. On a disk of this machine: a lock and a sync on a network disk are only as good as that. */
  readonly directory: string
  /** In events: 1 to 64 lower-case letters, digits and `-`. Default: `journal`. */
  readonly name?: string | undefined
  /** Records that wait to be handled, in bytes on disk. The files may take some two and a half times as much. 1,024 to 1,099,511,627,776. Default: 67,108,864 (64 MiB). */
  readonly maxBytes?: number | undefined
  /** Records that wait to be handled; each takes some 300 bytes of memory. 1 to 10,000,000. Default: 100,000. */
  readonly maxPending?: number | undefined
  /** One record, in bytes on disk. 256 to 67,108,864. Default: 1,048,576 (1 MiB). */
  readonly maxRecordBytes?: number | undefined
  /** How large a file grows before the next one is begun. 1,024 to 1,073,741,824. Default: 4,194,304 (4 MiB). */
  readonly segmentBytes?: number | undefined
  /** Of how many handled records the keys are remembered, the latest: so long, appending one again makes no new record. 0 to 1,000,000. Default: 10,000. */
  readonly rememberedKeys?: number | undefined
  /** After a write that failed: how long appends are refused before the disk is tried again, in ms. 0 to 3,600,000. Default: 1,000. */
  readonly retryAfterFailureMs?: number | undefined
  /** Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Where it reports. Default: nowhere. */
  readonly events?: Events<JournalEvent> | undefined
  /** The file system; for tests. Default: that of the machine. */
  readonly files?: Files | undefined
}

/** What {@link JournalOptions} fall back to. */
export const JOURNAL_DEFAULTS: Readonly<{
  name: string
  maxBytes: number
  maxPending: number
  maxRecordBytes: number
  segmentBytes: number
  rememberedKeys: number
  retryAfterFailureMs: number
}> = Object.freeze({
  name: 'journal',
  maxBytes: 67_108_864,
  maxPending: 100_000,
  maxRecordBytes: 1_048_576,
  segmentBytes: 4_194_304,
  rememberedKeys: 10_000,
  retryAfterFailureMs: 1_000,
})

/** Options with nothing left out. */
export type JournalSettings = {
  readonly [Key in Exclude<keyof JournalOptions, 'events'>]-?: NonNullable<JournalOptions[Key]>
} & { readonly events: Events<JournalEvent> | undefined }

const RANGES = {
  maxBytes: [1_024, 1_099_511_627_776],
  maxPending: [1, 10_000_000],
  maxRecordBytes: [256, 67_108_864],
  segmentBytes: [1_024, 1_073_741_824],
  rememberedKeys: [0, 1_000_000],
  retryAfterFailureMs: [0, 3_600_000],
} as const

const NAMES: readonly string[] = ['directory', 'name', ...Object.keys(RANGES), 'clock', 'events', 'files']

/** Checks options and fills in what is left out. @throws HoldfastError `INVALID_OPTION` */
export function settingsOf(options: JournalOptions): JournalSettings {
  if (typeof options !== 'object' || options === null) throw refused('journal', 'an object of options', options)
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue
    throw invalid('INVALID_OPTION', `journal.${name} is not an option; the options are ${NAMES.join(', ')}`)
  }
  const { directory, name = JOURNAL_DEFAULTS.name } = options
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0'))
    throw refused('journal.directory', 'the path of a directory', directory)
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,64}$/.test(name))
    throw refused('journal.name', "1 to 64 lower-case letters, digits and '-'", name)
  const numbers = Object.fromEntries(
    Object.entries(RANGES).map(([key, [least, most]]) => {
      const option = key as keyof typeof RANGES
      const value = options[option] ?? JOURNAL_DEFAULTS[option]
      const isInRange = Number.isInteger(value) && value >= least && value <= most
      if (isInRange) return [option, value]
      throw refused(`journal.${option}`, `a whole number from ${count(least)} to ${count(most)}`, value)
    }),
  ) as Record<keyof typeof RANGES, number>
  if (numbers.maxRecordBytes > numbers.maxBytes && options.maxRecordBytes !== undefined)
    throw refused('journal.maxRecordBytes', 'no more than maxBytes', options.maxRecordBytes)
  return {
    ...numbers,
    directory: isAbsolute(directory) ? directory : resolve(directory),
    name,
    clock: withMethods('journal.clock', options.clock, systemClock, 'now', 'wallTime', 'sleep', 'schedule'),
    files: withMethods('journal.files', options.files, nodeFiles, 'create', 'open', 'lock'),
    events: withMethods('journal.events', options.events, undefined, 'emit', 'on'),
  }
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

/** Not what is in it: it may be anything. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length <= 40 ? `'${value}'` : `a string of ${value.length} characters`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
