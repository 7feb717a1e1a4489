import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { drain, DRAIN_LIMITS } from './drain.ts'

/** A refused request whose body still comes. */
function draining() {
  const body = new PassThrough()
  const clock = fakeClock()
  let over = false
  const ended = drain(body as unknown as IncomingMessage, clock).then(() => (over = true))
  return { body, clock, ended, isOver: () => over }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('drain', () => {
  it('waits until all has come', async () => {
    const { body, ended, isOver } = draining()
    body.write('x'.repeat(100_000))
    await turn()
    expect(isOver()).toBe(false)
    body.end('x')
    await ended
  })

  it('waits no longer than two seconds for a client that never sends all', async () => {
    const { body, clock, ended, isOver } = draining()
    body.write('x')
    await clock.advance(DRAIN_LIMITS.durationMs - 1)
    expect(isOver()).toBe(false)
    await clock.advance(1)
    await ended
    expect(body.listenerCount('data')).toBe(0)
  })

  it('reads no more than 32 MiB', async () => {
    const { body, ended, isOver } = draining()
    const megabyte = Buffer.alloc(1_048_576)
    for (let sent = 0; sent < 32; sent += 1) {
      body.write(megabyte)
      await turn()
    }
    expect(isOver()).toBe(false)
    body.write(megabyte)
    await ended
  })

  it('ends when the client leaves, however it leaves', async () => {
    const polite = draining()
    polite.body.destroy()
    await polite.ended
    expect(polite.clock.pending).toBe(0)
    const rude = draining()
    rude.body.destroy(new Error('ECONNRESET'))
    await rude.ended
    expect(rude.clock.pending).toBe(0)
  })

  it('has nothing to wait for when the body has been read', async () => {
    const body = new PassThrough()
    body.end()
    body.resume()
    await turn()
    await expect(drain(body as unknown as IncomingMessage, fakeClock())).resolves.toBeUndefined()
  })
})
