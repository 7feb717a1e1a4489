import { fakeClock } from '@holdfast/core/testing'
import type { SignedTopic } from '@holdfast/store/database'
import { describe, expect, it } from 'vitest'
import type { Link, LinkListener } from './link.ts'
import { readMessage, writeMessage } from './message.ts'
import { settingsOf } from './options.ts'
import type { RedisSignsOptions } from './options.ts'
import { SignsOver } from './redis-signs.ts'

/** One of the two connections, played by the test. */
class ScriptedLink implements Link {
  isUp = false
  readonly database = 3
  readonly published: [channel: string, text: string][] = []
  subscribed: readonly string[] = []
  reconnects = 0
  isClosed = false
  answer: () => Promise<unknown> = () => Promise.resolve(1)
  readonly listener: LinkListener

  constructor(listener: LinkListener) {
    this.listener = listener
  }

  publish(channel: string, text: string): Promise<unknown> {
    this.published.push([channel, text])
    return this.answer()
  }

  subscribe(...channels: readonly string[]): Promise<unknown> {
    this.subscribed = channels
    return this.answer()
  }

  reconnect(): void {
    this.reconnects += 1
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }

  rise(): void {
    this.isUp = true
    this.listener.up()
  }

  fall(error: unknown = new Error('fallen')): void {
    this.isUp = false
    this.listener.down(error)
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setting(options: Partial<RedisSignsOptions> = {}) {
  const links: ScriptedLink[] = []
  const clock = fakeClock()
  const changes: unknown[] = []
  const signs = new SignsOver(
    settingsOf({ url: 'redis://127.0.0.1' }),
    { clock, onChange: (isReady, error) => changes.push(error ?? isReady), ...options },
    (_, listener) => {
      const link = new ScriptedLink(listener)
      links.push(link)
      return link
    },
  )
  const [sender, receiver] = links as [ScriptedLink, ScriptedLink]
  const heard: (SignedTopic | undefined)[] = []
  const end = signs.listen((topic) => heard.push(topic))
  const rise = async (): Promise<void> => {
    sender.rise()
    receiver.rise()
    await settle()
    sender.published.length = 0
    heard.length = 0
  }
  /** What went out to all, without the signs to oneself. */
  const sent = (): readonly (readonly SignedTopic[] | undefined | 'nothing')[] =>
    sender.published
      .filter(([channel]) => channel === 'holdfast:signs:3')
      .map(([, text]) => {
        const message = readMessage(text)
        return message === undefined ? 'nothing' : message.topics
      })
  return { signs, clock, sender, receiver, heard, end, rise, sent, changes }
}

const at = (topic: string, tenant = 'acme'): SignedTopic => ({ tenant, topic })

describe('signs by Redis', () => {
  it('are ready when one was taken, and say so when they come in as well', async () => {
    const { signs, sender, receiver, changes, heard } = setting()
    expect(signs.isReady).toBe(false)
    sender.rise()
    expect(signs.isReady).toBe(false)
    await settle()
    expect(signs.isReady).toBe(true)
    expect(changes).toEqual([])
    receiver.rise()
    await settle()
    expect(receiver.subscribed[0]).toBe('holdfast:signs:3')
    expect(receiver.subscribed[1]).toMatch(/^holdfast:signs:3:[\da-f-]{36}$/)
    expect(changes).toEqual([true])
    // What was told before nobody has heard.
    expect(heard).toEqual([undefined])
    await signs.close()
  })

  it('are heard here at once, and go to the others in one message after the other', async () => {
    const { signs, sender, heard, rise, sent } = setting()
    await rise()
    const { promise, resolve } = Promise.withResolvers<number>()
    sender.answer = () => promise
    signs.send([at('a')])
    signs.send([at('b'), at('c')])
    signs.send([at('b')])
    expect(heard).toEqual([at('a'), at('b'), at('c'), at('b')])
    expect(sent()).toEqual([[at('a')]])
    resolve(1)
    await settle()
    expect(sent()).toEqual([[at('a')], [at('b'), at('c')]])
    await signs.close()
  })

  it('come in from others, and not a second time from here', async () => {
    const { receiver, sender, heard, rise, signs } = setting()
    await rise()
    const from = (topics: readonly SignedTopic[] | undefined): void =>
      receiver.listener.message!('holdfast:signs:3', writeMessage({ from: 'another', topics }))
    from([at('a'), at('b', 'other')])
    from(undefined)
    receiver.listener.message!('holdfast:signs:3', 'nonsense')
    expect(heard).toEqual([at('a'), at('b', 'other'), undefined])
    signs.send([at('c')])
    receiver.listener.message!('holdfast:signs:3', sender.published.at(-1)![1])
    expect(heard.slice(3)).toEqual([at('c')])
    await signs.close()
  })

  it('are in messages of five hundred topics; of more than ten thousand that wait all have to look', async () => {
    const { signs, sender, rise, sent } = setting()
    await rise()
    const many = (count: number): SignedTopic[] => Array.from({ length: count }, (_, n) => at(`t:${n}`))
    signs.send(many(1_200))
    await settle()
    expect(sent().map((topics) => topics?.length)).toEqual([500, 500, 200])
    sender.published.length = 0
    const { promise, resolve } = Promise.withResolvers<number>()
    sender.answer = () => promise
    signs.send([at('first')])
    for (let n = 0; n < 30; n += 1) signs.send(many(1_000).map(({ topic }) => at(topic, `tenant-${n}`)))
    resolve(1)
    await settle()
    // What came after there had been too many is told too.
    expect(sent().slice(0, 2)).toEqual([[at('first')], undefined])
    await signs.close()
  })

  it('that were lost make all look once Redis is back', async () => {
    const { signs, sender, receiver, rise, sent, changes, heard } = setting()
    await rise()
    sender.answer = () => Promise.reject(new Error('cut'))
    signs.send([at('a')])
    await settle()
    expect(signs.isReady).toBe(false)
    sender.fall()
    receiver.fall()
    // One that began while it was there.
    signs.send([at('b')])
    expect(heard).toEqual([at('a'), at('b')])
    sender.answer = () => Promise.resolve(1)
    sender.published.length = 0
    sender.rise()
    receiver.rise()
    await settle()
    expect(sent()).toEqual([undefined])
    expect(heard.slice(2)).toEqual([undefined])
    expect(changes).toEqual([true, expect.objectContaining({ message: 'cut' }), true])
    signs.send([at('c')])
    expect(sent()).toEqual([undefined, [at('c')]])
    await signs.close()
  })

  it('are proved again and again; where one is refused they are not ready until one is taken', async () => {
    const { signs, clock, sender, receiver, rise } = setting()
    await rise()
    sender.answer = () => Promise.reject(new Error('NOPERM'))
    receiver.listener.message!(receiver.subscribed[1]!, '')
    await clock.advance(5_000)
    expect(signs.isReady).toBe(false)
    expect(sender.reconnects).toBe(0)
    sender.answer = () => Promise.resolve(1)
    await clock.advance(5_000)
    expect(signs.isReady).toBe(true)
    expect(receiver.reconnects).toBe(0)
    await signs.close()
  })

  it('give up a connection that does not answer, and one on which nothing comes in', async () => {
    const { signs, clock, sender, receiver, rise } = setting()
    await rise()
    await clock.advance(5_000)
    expect(receiver.reconnects).toBe(0)
    await clock.advance(5_000)
    expect(receiver.reconnects).toBe(1)
    sender.answer = () => Promise.reject(new Error('Command timed out'))
    signs.send([at('a')])
    await settle()
    expect(sender.reconnects).toBe(1)
    expect(signs.isReady).toBe(false)
    await signs.close()
  })

  it('are subscribed to again where that was refused', async () => {
    const { signs, clock, sender, receiver, changes } = setting()
    receiver.answer = () => Promise.reject(new Error('NOPERM'))
    sender.rise()
    receiver.rise()
    await settle()
    expect(changes).toEqual([expect.objectContaining({ message: 'NOPERM' })])
    receiver.answer = () => Promise.resolve(2)
    await clock.advance(5_000)
    expect(changes).toHaveLength(2)
    expect(changes[1]).toBe(true)
    await signs.close()
  })

  it('go on when a listener throws, and are heard by nobody after his end', async () => {
    const { signs, rise, heard, end } = setting()
    signs.listen(() => {
      throw new Error('a trouble of its own')
    })
    const others: unknown[] = []
    signs.listen((topic) => others.push(topic))
    await rise()
    others.length = 0
    signs.send([at('a')])
    end()
    signs.send([at('b')])
    expect(heard).toEqual([at('a')])
    expect(others).toEqual([at('a'), at('b')])
    await signs.close()
  })

  it('leave nothing behind when they are closed', async () => {
    const { signs, clock, sender, receiver, rise, heard, changes } = setting()
    await rise()
    await signs.close()
    expect([sender.isClosed, receiver.isClosed, clock.pending]).toEqual([true, true, 0])
    sender.published.length = 0
    signs.send([at('a')])
    sender.fall()
    receiver.fall()
    await settle()
    expect([sender.published, heard, clock.pending]).toEqual([[], [], 0])
    expect(changes).toEqual([true])
  })
})
