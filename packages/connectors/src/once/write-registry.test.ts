import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { rejection } from '../../test/local-server.ts'
import { createWriteMemory } from './write-memory.ts'
import { createWriteRegistry } from './write-registry.ts'

const failure = (mayHaveTakenEffect: boolean): HoldfastError =>
  new HoldfastError({ code: 'X', category: 'network', message: 'x', retryable: true, mayHaveTakenEffect })

const throwing = (error: unknown) => async (): Promise<never> => {
  throw error
}

describe('a write with a key', () => {
  it('is made once, and its result given again', async () => {
    const writes = createWriteRegistry('crm')
    let made = 0
    const write = async (): Promise<number> => ++made
    const [first, beside] = await Promise.all([
      writes.once({ idempotencyKey: 'k' }, { a: 1 }, write),
      writes.once({ idempotencyKey: 'k' }, { a: 1 }, write),
    ])
    expect([first, beside, await writes.once({ idempotencyKey: 'k' }, { a: 1 }, write)]).toEqual([1, 1, 1])
    expect(await writes.once({ idempotencyKey: 'other' }, { a: 1 }, write)).toBe(2)
  })

  it('may be made again after a failure that had no effect', async () => {
    const writes = createWriteRegistry('crm')
    await rejection(writes.once({ idempotencyKey: 'k' }, 1, throwing(failure(false))))
    expect(await writes.once({ idempotencyKey: 'k' }, 1, async () => 'done')).toBe('done')
  })

  it.each([failure(true), new Error('whatever'), 'an abort'])(
    'is not made again after %s, which nobody can judge',
    async (error) => {
      const writes = createWriteRegistry('crm')
      expect(await rejection(writes.once({ idempotencyKey: 'k' }, 1, throwing(error)))).toBe(error)
      const again = await rejection(writes.once({ idempotencyKey: 'k' }, 1, async () => 'done'))
      expect(again).toMatchObject({ code: 'WRITE_UNCONFIRMED', retryable: false, mayHaveTakenEffect: true })
    },
  )

  it('that fails tells those who waited for the same one what they may know, not what its own caller was told', async () => {
    const writes = createWriteRegistry('crm')
    const first = rejection(writes.once({ idempotencyKey: 'k' }, 1, throwing('an abort')))
    const beside = rejection(writes.once({ idempotencyKey: 'k' }, 1, async () => 'done'))
    expect(await first).toBe('an abort')
    expect(await beside).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    const harmless = failure(false)
    const again = [
      writes.once({ idempotencyKey: 'l' }, 1, throwing(harmless)),
      writes.once({ idempotencyKey: 'l' }, 1, async () => 'done'),
    ]
    expect(await Promise.all(again.map(rejection))).toEqual([harmless, harmless])
  })

  it('refuses a key that stood for something else', async () => {
    const writes = createWriteRegistry('crm')
    await writes.once({ idempotencyKey: 'k' }, { a: 1 }, async () => 'done')
    const error = await rejection(writes.once({ idempotencyKey: 'k' }, { a: 2 }, async () => 'done'))
    expect(error).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', mayHaveTakenEffect: false })
  })

  it('forgets the oldest of too many keys', async () => {
    const writes = createWriteRegistry('crm', createWriteMemory({ maxKeys: 2 }))
    let made = 0
    for (const key of ['a', 'b', 'c', 'a']) await writes.once({ idempotencyKey: key }, 1, async () => ++made)
    expect(made).toBe(4)
    await writes.once({ idempotencyKey: 'c' }, 1, async () => ++made)
    expect(made).toBe(4)
  })
})

it('a write that the service itself makes once for its key is made again for so long, counted from its first attempt', async () => {
  const clock = fakeClock()
  const writes = createWriteRegistry('mail', createWriteMemory({ clock }), 1_000)
  const send = (make: () => Promise<string>): Promise<string> => writes.once({ idempotencyKey: 'k' }, 1, make)
  await rejection(send(throwing(failure(true))))
  await clock.advance(900)
  // That one has certainly not been made says nothing of the one before.
  expect(await rejection(send(throwing(failure(false))))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
  await clock.advance(99)
  await rejection(send(throwing(failure(true))))
  await clock.advance(1)
  expect(await rejection(send(async () => 'twice'))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
  expect(await writes.once({ idempotencyKey: 'l' }, 1, async () => 'done')).toBe('done')
})

it('a write without a key is made each time', async () => {
  const writes = createWriteRegistry('crm')
  let made = 0
  for (let count = 0; count < 3; count++) await writes.once({}, 1, async () => ++made)
  expect(made).toBe(3)
})

it('whoever waits for the write of another leaves when he wants to, and the write goes on', async () => {
  const writes = createWriteRegistry('crm')
  const made = Promise.withResolvers<string>()
  const first = writes.once({ idempotencyKey: 'k' }, 1, () => made.promise)
  const caller = new AbortController()
  const beside = rejection(writes.once({ idempotencyKey: 'k', signal: caller.signal }, 1, async () => 'twice'))
  caller.abort('hung up')
  expect(await beside).toBe('hung up')
  made.resolve('done')
  expect(await first).toBe('done')
})

it('keys of two services are no concern of each other in one memory', async () => {
  const memory = createWriteMemory()
  const call = { idempotencyKey: 'k' }
  expect(await createWriteRegistry('crm', memory).once(call, 1, async () => 'crm')).toBe('crm')
  expect(await createWriteRegistry('mail', memory).once(call, 2, async () => 'mail')).toBe('mail')
})

it.each([0, 1.5, 1_000_001])('a memory of %s keys is refused', (maxKeys) => {
  expect(() => createWriteMemory({ maxKeys })).toThrow('maxKeys must be a whole number from 1 to 1,000,000')
})
