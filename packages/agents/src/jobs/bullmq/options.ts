import { jobError } from '../failures.ts'

/** Where the jobs wait. */
export interface BullmqDriverOptions {
  /** `redis://user:password@host:port/number`, or `rediss://`. */
  readonly url: string
  /** Stands before every key. 1 to 48 letters, digits, `-` and `_`. Default: `holdfast`. */
  readonly prefix?: string | undefined
  /** After so long without a sign of life a job is given to another worker, in ms. 1,000 to 3,600,000. Default: 30,000. */
  readonly stalledAfterMs?: number | undefined
  /** How long jobs that are over are kept, in ms. 1,000 to 31,536,000,000. Default: 604,800,000 (a week). */
  readonly keepMs?: number | undefined
  /** Of each queue and outcome, how many jobs that are over are kept. 1 to 10,000,000. Default: 100,000. */
  readonly keepJobs?: number | undefined
}

/** What {@link BullmqDriverOptions} fall back to. */
export const BULLMQ_DEFAULTS: Readonly<{ prefix: string; stalledAfterMs: number; keepMs: number; keepJobs: number }> =
  Object.freeze({
    prefix: 'holdfast',
    stalledAfterMs: 30_000,
    keepMs: 604_800_000,
    keepJobs: 100_000,
  })

/** Options with their defaults. */
export type BullmqSettings = Readonly<{
  url: string
  prefix: string
  stalledAfterMs: number
  keepMs: number
  keepJobs: number
}>

/** @throws HoldfastError `INVALID_OPTION`, without the address: a password may be in it. */
export function settingsOf({ url, ...options }: BullmqDriverOptions): BullmqSettings {
  if (typeof url !== 'string' || !URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw invalid('url', 'must be an address like redis://host:6379')
  }
  const { prefix, stalledAfterMs, keepMs, keepJobs } = {
    ...BULLMQ_DEFAULTS,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  }
  if (typeof prefix !== 'string' || !/^[\w-]{1,48}$/.test(prefix))
    throw invalid('prefix', 'must be 1 to 48 letters, digits, "-" and "_"')
  between('stalledAfterMs', stalledAfterMs, 1_000, 3_600_000)
  between('keepMs', keepMs, 1_000, 31_536_000_000)
  between('keepJobs', keepJobs, 1, 10_000_000)
  return { url, prefix, stalledAfterMs, keepMs, keepJobs }
}

function between(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw invalid(option, `must be a whole number from ${least} to ${most}, but is ${String(value)}`)
}

function invalid(option: string, problem: string): Error {
  return jobError('INVALID_OPTION', 'validation', `bullmqDriver: ${option} ${problem}`)
}
