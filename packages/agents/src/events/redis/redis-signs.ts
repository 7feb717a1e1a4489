import { randomUUID } from 'node:crypto'
import { systemClock } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { SignedTopic, Signs } from '@holdfast/store/database'
import { openLink } from './link.ts'
import type { Link, LinkListener } from './link.ts'
import { readMessage, writeMessage } from './message.ts'
import { settingsOf } from './options.ts'
import type { RedisSignsOptions, RedisSignsSettings } from './options.ts'

/** Topics that wait to be sent; where there are more, all have to look. */
const MAX_WAITING = 10_000

/** Topics in a message. */
const MAX_IN_MESSAGE = 500

/** Signs by Redis. */
export interface RedisSigns extends Signs {
  /** Ends both connections. Whoever listens hears nothing more. */
  close(): Promise<void>
}

/**
 * Tells the processes of a fleet by Redis where events have come. Two connections are made at once, and anew whenever they break; nothing waits for them. To be closed after the stores that use it.
 *
 * @example
 * ```ts no-run
 * import { redisSigns } from '@holdfast/agents/events/redis'
 * import { openStore } from '@holdfast/store/database'
 *
 * const signs = redisSigns({ url: 'redis://127.0.0.1:6379' })
 * const store = await openStore({ url: 'postgres://desk@127.0.0.1/desk', signs })
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function redisSigns(options: RedisSignsOptions): RedisSigns {
  return new SignsOver(settingsOf(options), options, openLink)
}

/** {@link redisSigns} over connections of any kind. */
export class SignsOver implements RedisSigns {
  readonly #settings: RedisSignsSettings
  readonly #clock: Clock
  readonly #onChange: RedisSignsOptions['onChange']
  readonly #id = randomUUID()
  readonly #all: string
  readonly #own: string
  readonly #sender: Link
  readonly #receiver: Link
  readonly #listeners = new Set<(topic: SignedTopic | undefined) => void>()
  readonly #waiting = new Map<string, SignedTopic>()
  /** Whether all have to look, since signs were lost or there were too many of them. */
  #owesLook = false
  #isSending = false
  #takesSigns = false
  #isSubscribed = false
  #isClosed = false
  #wasReady: boolean | undefined
  /** Whether a sign to oneself is on its way. */
  #awaitsEcho = false
  #probe: ScheduledTask | undefined

  constructor(
    settings: RedisSignsSettings,
    { onChange, clock = systemClock }: Pick<RedisSignsOptions, 'onChange' | 'clock'>,
    open: (settings: RedisSignsSettings, listener: LinkListener) => Link,
  ) {
    this.#settings = settings
    this.#clock = clock
    this.#onChange = onChange
    this.#sender = open(settings, {
      up: () => void this.#prove(),
      down: (error) => this.#cannotSend(error),
    })
    this.#receiver = open(settings, {
      up: () => void this.#subscribe(),
      down: (error) => this.#cannotHear(error),
      message: (channel, text) => this.#hear(channel, text),
    })
    // One PUBLISH reaches every number of a Redis.
    this.#all = `${settings.prefix}:signs:${this.#sender.database}`
    this.#own = `${this.#all}:${this.#id}`
    this.#proveLater()
  }

  get isReady(): boolean {
    return this.#takesSigns && this.#sender.isUp
  }

  send(topics: readonly SignedTopic[] | undefined): void {
    // Here it is known already.
    this.#tell(topics)
    if (this.#isClosed) return
    for (const topic of topics ?? []) this.#waiting.set(JSON.stringify([topic.tenant, topic.topic]), topic)
    if (topics === undefined || !this.isReady || this.#waiting.size > MAX_WAITING) {
      this.#waiting.clear()
      this.#owesLook = true
    }
    if (this.isReady) void this.#flush()
  }

  listen(listener: (topic: SignedTopic | undefined) => void): () => void {
    // One of its own for each call: the same function may be given twice.
    const own = (topic: SignedTopic | undefined): void => listener(topic)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#listeners.clear()
    this.#waiting.clear()
    this.#probe?.cancel()
    await Promise.all([this.#sender.close(), this.#receiver.close()])
  }

  /** One message after the other; what comes meanwhile goes together in the next. */
  async #flush(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    try {
      while (this.isReady && (this.#owesLook || this.#waiting.size > 0)) {
        const message = { from: this.#id, topics: this.#next() }
        await this.#sender.publish(this.#all, writeMessage(message))
      }
    } catch (error) {
      this.#owesLook = true
      this.#cannotSend(error)
    } finally {
      this.#isSending = false
    }
  }

  #next(): readonly SignedTopic[] | undefined {
    const entries = this.#owesLook ? [...this.#waiting] : [...this.#waiting].slice(0, MAX_IN_MESSAGE)
    for (const [key] of entries) this.#waiting.delete(key)
    if (!this.#owesLook) return entries.map(([, topic]) => topic)
    this.#owesLook = false
    return undefined
  }

  /** Sends a sign to oneself. Whether it is taken says whether signs go out; whether it has come back until the next one, whether they come in. */
  async #prove(): Promise<void> {
    this.#proveLater()
    if (this.#awaitsEcho) this.#receiver.reconnect()
    else if (this.#receiver.isUp && !this.#isSubscribed) void this.#subscribe()
    if (!this.#sender.isUp) return
    this.#awaitsEcho = this.#isSubscribed
    try {
      await this.#sender.publish(this.#own, '')
    } catch (error) {
      // Nothing comes back of what was not taken.
      this.#awaitsEcho = false
      this.#cannotSend(error)
      return
    }
    if (this.#isClosed) return
    this.#takesSigns = true
    this.#changed()
    void this.#flush()
  }

  #proveLater(): void {
    this.#probe?.cancel()
    if (!this.#isClosed) this.#probe = this.#clock.schedule(this.#settings.probeMs, () => void this.#prove())
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#receiver.subscribe(this.#all, this.#own)
    } catch (error) {
      this.#cannotHear(error)
      return
    }
    if (this.#isClosed) return
    this.#isSubscribed = true
    this.#changed()
    // Whatever was told before, nobody has heard.
    this.#tell(undefined)
  }

  #hear(channel: string, text: string): void {
    if (channel === this.#own) {
      this.#awaitsEcho = false
      return
    }
    const message = readMessage(text)
    if (message !== undefined && message.from !== this.#id) this.#tell(message.topics)
  }

  #tell(topics: readonly SignedTopic[] | undefined): void {
    for (const topic of topics ?? [undefined]) {
      for (const listener of this.#listeners) {
        try {
          listener(topic)
        } catch {
          // A listener's trouble is its own.
        }
      }
    }
  }

  #cannotSend(error: unknown): void {
    this.#takesSigns = false
    if (this.#waiting.size > 0) this.#owesLook = true
    this.#waiting.clear()
    // A connection that does not answer may never do.
    if (this.#sender.isUp && isSilent(error)) this.#sender.reconnect()
    this.#changed(error)
  }

  #cannotHear(error: unknown): void {
    this.#isSubscribed = false
    this.#awaitsEcho = false
    this.#changed(error)
  }

  #changed(error?: unknown): void {
    const isReady = this.isReady && this.#isSubscribed
    // Half of it, as at the beginning, is not worth a word.
    if (this.#isClosed || isReady === this.#wasReady || (!isReady && error === undefined)) return
    this.#wasReady = isReady
    try {
      this.#onChange?.(isReady, ...(isReady ? [] : [error]))
    } catch {
      // A listener's trouble is its own.
    }
  }
}

function isSilent(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out'
}
