import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { checkNames, invalid, wholeFrom } from '../../mcp/shared/invalid.ts'

/** How signs go by Redis. */
export interface RedisSignsOptions {
  /** `redis://user:password@host:port/number`, or `rediss://`. */
  readonly url: string
  /** Stands before the names of the channels, as does the number of the database: who shares a Redis is told apart by both. 1 to 48 letters, digits, `-` and `_`. Default: `holdfast`. */
  readonly prefix?: string | undefined
  /** For a connection, in ms. 100 to 60,000. Default: 2,000. */
  readonly connectTimeoutMs?: number | undefined
  /** For an answer, in ms; after that Redis counts as away. 10 to 60,000. Default: 1,000. */
  readonly answerTimeoutMs?: number | undefined
  /** How often a sign to oneself proves that they go there and come back, in ms. 100 to 600,000. Default: 5,000. */
  readonly probeMs?: number | undefined
  /** Hears that signs go by Redis, or that they do not any more and what with; then the database tells. Default: nobody. */
  readonly onChange?: ((isReady: boolean, error?: unknown) => void) | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

type Numbers = 'connectTimeoutMs' | 'answerTimeoutMs' | 'probeMs'

/** What {@link RedisSignsOptions} fall back to. */
export const REDIS_SIGNS_DEFAULTS: Readonly<{ prefix: string } & Record<Numbers, number>> = Object.freeze({
  prefix: 'holdfast',
  connectTimeoutMs: 2_000,
  answerTimeoutMs: 1_000,
  probeMs: 5_000,
})

/** Options with their defaults. */
export type RedisSignsSettings = Readonly<{ url: string; prefix: string } & Record<Numbers, number>>

const NAMES = ['url', 'prefix', 'connectTimeoutMs', 'answerTimeoutMs', 'probeMs', 'onChange', 'clock'] as const

/** @throws HoldfastError `INVALID_OPTION`, without the address: a password may be in it. */
export function settingsOf(options: RedisSignsOptions): RedisSignsSettings {
  checkNames('redisSigns', options, NAMES)
  const { url, prefix = REDIS_SIGNS_DEFAULTS.prefix, onChange } = options
  if (typeof url !== 'string' || !URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) throw noAddress()
  if (typeof prefix !== 'string' || !/^[\w-]{1,48}$/.test(prefix))
    throw invalid('prefix', '1 to 48 letters, digits, "-" and "_"', prefix)
  if (onChange !== undefined && typeof onChange !== 'function') throw invalid('onChange', 'a function', onChange)
  const number = (name: Numbers, least: number, most: number): number =>
    wholeFrom(name, options[name] ?? REDIS_SIGNS_DEFAULTS[name], least, most)
  return {
    url,
    prefix,
    connectTimeoutMs: number('connectTimeoutMs', 100, 60_000),
    answerTimeoutMs: number('answerTimeoutMs', 10, 60_000),
    probeMs: number('probeMs', 100, 600_000),
  }
}

function noAddress(): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: 'url must be an address like redis://host:6379; what came is not one, and not shown',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
