import { Redis } from 'ioredis'
import type { RedisSignsSettings } from './options.ts'

/** Between two tries to connect, in ms; it doubles. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 2_000

/** How long a server may take to close a connection before it is cut, in ms. */
const CLOSE_MS = 500

/** A connection that is made anew whenever it breaks, for as long as it is not closed. What is asked of it while it is not there fails at once. */
export interface Link {
  readonly isUp: boolean
  /** The number of the database on that Redis. */
  readonly database: number
  publish(channel: string, text: string): Promise<unknown>
  subscribe(...channels: readonly string[]): Promise<unknown>
  /** Gives up the connection that there is. */
  reconnect(): void
  close(): Promise<void>
}

/** Hears of it. */
export interface LinkListener {
  up(): void
  /** Told once for a connection, and for each that could not be made. */
  down(error: unknown): void
  message?(channel: string, text: string): void
}

/** Makes one. */
export function openLink(
  { url, connectTimeoutMs, answerTimeoutMs }: Pick<RedisSignsSettings, 'url' | 'connectTimeoutMs' | 'answerTimeoutMs'>,
  listener: LinkListener,
): Link {
  const redis = new Redis(url, {
    connectionName: 'holdfast-signs',
    connectTimeout: connectTimeoutMs,
    commandTimeout: answerTimeoutMs,
    disconnectTimeout: CLOSE_MS,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Whether it takes signs is asked by sending one.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: (times) => Math.min(FIRST_WAIT_MS * 2 ** Math.min(times - 1, 10), LONGEST_WAIT_MS),
  })
  /** What the connection itself has failed with, a password that was refused among it. */
  let why: unknown
  const answered = async <T>(command: Promise<T>): Promise<T> => {
    try {
      const answer = await command
      why = undefined
      return answer
    } catch (error) {
      throw saysNothing(error) ? (why ?? error) : error
    }
  }
  redis.on('error', (error) => (why = error))
  redis.on('ready', () => listener.up())
  redis.on('close', () => listener.down(why ?? new Error('The connection to Redis was closed')))
  redis.on('message', (channel, text) => listener.message?.(channel, text))
  return {
    get isUp() {
      return redis.status === 'ready'
    },
    database: redis.options.db ?? 0,
    publish: (channel, text) => answered(redis.publish(channel, text)),
    subscribe: (...channels) => answered(redis.subscribe(...channels)),
    reconnect: () => redis.disconnect(true),
    async close() {
      const hasSocket = ['connecting', 'connect', 'ready'].includes(redis.status)
      const ended = hasSocket ? new Promise((resolve) => redis.once('end', resolve)) : undefined
      redis.disconnect()
      await ended
    },
  }
}

/** Whether it is what everything fails with that is asked of a connection that has just gone. */
function saysNothing(error: unknown): boolean {
  return error instanceof Error && /^(Stream isn't writeable|Connection is closed)/.test(error.message)
}
