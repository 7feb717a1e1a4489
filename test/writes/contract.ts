import { HoldfastError } from '@holdfast/core'
import type { WriteMemory } from '@holdfast/connectors/writes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A failure of a write. */
export function failure(mayHaveTakenEffect: boolean): HoldfastError {
  return new HoldfastError({ code: 'X', category: 'network', message: 'x', retryable: true, mayHaveTakenEffect })
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol('nothing')
  const error = await promise.then(
    () => nothing,
    (reason: unknown) => reason,
  )
  if (error === nothing) throw new Error('it did not reject')
  return error
}

const throwing = (error: unknown) => async (): Promise<never> => {
  throw error
}

/** What every memory of writes has to hold. @param open opens one that is empty. */
export function describeWriteMemory(
  kind: string,
  open: () => Promise<{ readonly memory: WriteMemory; close(): Promise<void> }>,
): void {
  describe(`the memory of writes ${kind}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let number = 0
    /** Under a key that nobody has used. */
    const fresh = (): (<T>(input: unknown, make: () => Promise<T>, signal?: AbortSignal) => Promise<T>) => {
      const key = `key-${++number}`
      return (input, make, signal) => opened.memory.once({ service: 'crm', key, input, signal }, make)
    }
    beforeAll(async () => {
      opened = await open()
    }, 60_000)
    afterAll(() => opened?.close())

    it('makes a write once, and gives its result again', async () => {
      const once = fresh()
      let made = 0
      const write = async (): Promise<{ number: number }> => ({ number: ++made })
      const all = await Promise.all(Array.from({ length: 20 }, () => once({ a: 1 }, write)))
      expect([...all, await once({ a: 1 }, write)]).toEqual(Array.from({ length: 21 }, () => ({ number: 1 })))
      expect(await fresh()({ a: 1 }, write)).toEqual({ number: 2 })
    })

    it('gives nothing again where the first result was nothing', async () => {
      const once = fresh()
      let made = 0
      const post = async (): Promise<void> => void made++
      expect([await once(1, post), await once(1, post), made]).toEqual([undefined, undefined, 1])
    })

    it('lets a write be made again after a failure that had no effect', async () => {
      const once = fresh()
      const harmless = failure(false)
      expect(await rejection(once(1, throwing(harmless)))).toBe(harmless)
      expect(await once(1, async () => 'done')).toBe('done')
    })

    it.each([failure(true), new Error('whatever'), 'an abort'])(
      'makes no write again after %s, which nobody can judge',
      async (error) => {
        const once = fresh()
        expect(await rejection(once(1, throwing(error)))).toBe(error)
        expect(await rejection(once(1, async () => 'done'))).toMatchObject({
          code: 'WRITE_UNCONFIRMED',
          retryable: false,
          mayHaveTakenEffect: true,
        })
      },
    )

    it('makes again what the service itself makes only once for its key, and gives its result', async () => {
      const one = { service: 'mail', key: `key-${++number}`, input: 1, repeatableForMs: 60_000 }
      await rejection(opened.memory.once(one, throwing(failure(true))))
      // That one has certainly not been made says nothing of the one before.
      const harmless = rejection(opened.memory.once(one, throwing(failure(false))))
      expect(await harmless).toMatchObject({ code: 'WRITE_UNCONFIRMED', mayHaveTakenEffect: true })
      expect(await opened.memory.once(one, async () => 'done')).toBe('done')
      expect(await opened.memory.once(one, throwing('twice'))).toBe('done')
    })

    it('tells those who waited for a write that fails what they may know, not what its own caller was told', async () => {
      const once = fresh()
      const first = rejection(once(1, throwing('an abort')))
      const beside = rejection(once(1, async () => 'done'))
      expect(await first).toBe('an abort')
      expect(await beside).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
      const other = fresh()
      const harmless = failure(false)
      const both = [other(1, throwing(harmless)), other(1, async () => 'done')]
      expect(await Promise.all(both.map(rejection))).toEqual([harmless, harmless])
    })

    it('refuses a key that stood for something else, also while its write is under way', async () => {
      const once = fresh()
      const reused = { code: 'IDEMPOTENCY_KEY_REUSED', mayHaveTakenEffect: false, retryable: false }
      const made = Promise.withResolvers<string>()
      const first = once({ a: 1 }, () => made.promise)
      expect(await rejection(once({ a: 2 }, async () => 'done'))).toMatchObject(reused)
      made.resolve('done')
      await first
      expect(await rejection(once({ a: 2 }, async () => 'done'))).toMatchObject(reused)
    })

    it('knows the keys of two services apart', async () => {
      const { memory } = opened
      const key = `key-${++number}`
      expect(await memory.once({ service: 'crm', key, input: 1 }, async () => 'crm')).toBe('crm')
      expect(await memory.once({ service: 'mail', key, input: 2 }, async () => 'mail')).toBe('mail')
    })

    it('lets whoever waits for the write of another leave at once, and the write goes on', async () => {
      const once = fresh()
      const made = Promise.withResolvers<string>()
      const first = once(1, () => made.promise)
      const caller = new AbortController()
      const beside = rejection(once(1, async () => 'twice', caller.signal))
      caller.abort('hung up')
      expect(await beside).toBe('hung up')
      made.resolve('done')
      expect([await first, await once(1, async () => 'twice')]).toEqual(['done', 'done'])
    })
  })
}
