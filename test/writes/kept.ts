import { randomUUID } from 'node:crypto'
import { forgetWrites, openWriteMemory } from '@holdfast/store/database'
import type { Store, StoredWriteMemory, WriteMemoryOptions } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lost } from '../store/away.ts'
import { newTenant } from '../store/conformance.ts'
import { describeWriteMemory, failure, rejection } from './contract.ts'

/** What every store has to hold that remembers writes. @param open opens one that is empty. */
export function describeKeptWrites(engine: string, open: () => Promise<Store>): void {
  describeWriteMemory(`kept by ${engine}`, async () => {
    const store = await open()
    const memory = openWriteMemory({ store, tenant: await newTenant(store) })
    return { memory, close: () => memory.close().then(() => store.close()) }
  })

  describe(`writes kept by ${engine}`, () => {
    let store: Store
    let tenant: string
    const opened: StoredWriteMemory[] = []
    /** Each stands for a process of its own: they share the store, and nothing else. */
    const memory = (options: Partial<WriteMemoryOptions> = {}): StoredWriteMemory => {
      const one = openWriteMemory({ store, tenant, ...options })
      opened.push(one)
      return one
    }
    const write = (input: unknown = 1) => ({ service: 'crm', key: randomUUID(), input })
    const never = (): Promise<never> => Promise.reject(new Error('it was made'))

    beforeAll(async () => {
      store = await open()
      tenant = await newTenant(store)
    }, 60_000)
    afterAll(async () => {
      await Promise.all(opened.map((one) => one.close()))
      await store?.close()
    })

    it('are known to another process, and after a restart', async () => {
      const one = write()
      const result = { id: '7', at: '2026-01-01', list: [1, null], text: '😀"' }
      const first = memory()
      expect(await first.once(one, () => Promise.resolve(result))).toEqual(result)
      await first.close()
      expect(await memory().once(one, never)).toEqual(result)
      expect(await rejection(memory().once({ ...one, input: 2 }, never))).toMatchObject({
        code: 'IDEMPOTENCY_KEY_REUSED',
      })
      const doubtful = write()
      await rejection(memory().once(doubtful, () => Promise.reject(failure(true))))
      expect(await rejection(memory().once(doubtful, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    })

    it.each(['a\0b', '\ud800', null, 'text', { text: '\0' }])(
      'are known with a result that no column of JSON holds: %j',
      async (result) => {
        const one = write()
        await memory().once(one, () => Promise.resolve(result))
        expect(await memory().once(one, never)).toEqual(result)
        expect((await memory().unconfirmed()).filter(({ key }) => key === one.key)).toEqual([])
      },
    )

    it('are made by one of many processes at once, and the others wait for its result', async () => {
      const one = write()
      let made = 0
      const make = async (): Promise<number> => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return ++made
      }
      expect(await Promise.all(Array.from({ length: 8 }, () => memory().once(one, make)))).toEqual([
        1, 1, 1, 1, 1, 1, 1, 1,
      ])
    })

    it('are made by who waits, once the first has failed without effect', async () => {
      const one = write()
      const held = Promise.withResolvers<never>()
      const begun = Promise.withResolvers<void>()
      const first = rejection(
        memory().once(one, () => {
          begun.resolve()
          return held.promise
        }),
      )
      await begun.promise
      const second = memory().once(one, () => Promise.resolve('done'))
      held.reject(failure(false))
      await first
      expect(await second).toBe('done')
    })

    it('are waited for only so long, and nobody who leaves waits at all', async () => {
      const one = write()
      const held = Promise.withResolvers<string>()
      const begun = Promise.withResolvers<void>()
      const first = memory().once(one, () => {
        begun.resolve()
        return held.promise
      })
      await begun.promise
      const caller = new AbortController()
      const leaving = rejection(memory().once({ ...one, signal: caller.signal }, never))
      caller.abort('hung up')
      expect(await leaving).toBe('hung up')
      const impatient = memory({ underWayMs: 300 })
      expect(await rejection(impatient.once(one, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
      // It was alive all the time.
      held.resolve('late')
      expect([await first, await impatient.once(one, never)]).toEqual(['late', 'late'])
    })

    it('are not made while the store is away, with or without a word whether they were claimed', async () => {
      const one = write()
      for (const mayHaveTakenEffect of [false, true]) {
        const away = memory({ store: { asWorker: () => Promise.reject(lost(mayHaveTakenEffect)) } })
        expect(await rejection(away.once(one, never))).toMatchObject({
          code: 'WRITE_MEMORY_AWAY',
          retryable: true,
          mayHaveTakenEffect: false,
        })
      }
    })

    it('that the service itself makes once are made again for so long after their first attempt, also one that was never heard of', async () => {
      tenant = await newTenant(store)
      const one = { ...write(), repeatableForMs: 3_600_000 }
      const claimed = (ago: string): Promise<unknown> =>
        store.asWorker(tenant, (transaction) =>
          sql`update outside_writes set claimed_at = now() - ${ago}::interval`.execute(transaction),
        )
      // Its process dies with the claim.
      const begun = Promise.withResolvers<void>()
      const held = Promise.withResolvers<never>()
      const dead = rejection(
        memory().once(one, () => {
          begun.resolve()
          return held.promise
        }),
      )
      await begun.promise
      await claimed('59 minutes')
      const again = memory()
      await rejection(again.once(one, () => Promise.reject(failure(true))))
      await claimed('61 minutes')
      expect(await rejection(again.once(one, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
      expect(await again.unconfirmed()).toMatchObject([{ key: one.key }])
      await claimed('59 minutes')
      expect(await again.once(one, () => Promise.resolve('done'))).toBe('done')
      // What the first one comes to changes nothing any more.
      held.reject(failure(false))
      await dead
      expect(await memory().once(one, never)).toBe('done')
    })

    it('that the service itself makes once keep their doubt when the answer to a claim is lost', async () => {
      const one = { ...write(), repeatableForMs: 3_600_000 }
      await rejection(memory().once(one, () => Promise.reject(failure(true))))
      let calls = 0
      const flaky: WriteMemoryOptions['store'] = {
        asWorker: async (...work) => {
          const result = await store.asWorker(...work)
          if (++calls === 1) throw lost(true)
          return result
        },
      }
      expect(await rejection(memory({ store: flaky }).once(one, never))).toMatchObject({ code: 'WRITE_MEMORY_AWAY' })
      expect(await rejection(memory().once({ ...one, repeatableForMs: 0 }, never))).toMatchObject({
        code: 'WRITE_UNCONFIRMED',
      })
    })

    it('of which the answer to the claim was lost can be made again as soon as the store is back', async () => {
      const one = write()
      let calls = 0
      const flaky: WriteMemoryOptions['store'] = {
        asWorker: async (...work) => {
          const result = await store.asWorker(...work)
          if (++calls === 1) throw lost(true)
          return result
        },
      }
      const first = memory({ store: flaky })
      expect(await rejection(first.once(one, never))).toMatchObject({ code: 'WRITE_MEMORY_AWAY' })
      expect(await memory().once(one, () => Promise.resolve('done'))).toBe('done')
    })

    it('that were made while the store went away are known here at once, and to all when it is back', async () => {
      const [made, harmless, doubtful] = [write(), write(), write()]
      let isAway = false
      const flaky: WriteMemoryOptions['store'] = {
        asWorker: (...work) => (isAway ? Promise.reject(lost(false)) : store.asWorker(...work)),
      }
      const here = memory({ store: flaky })
      const goesAway = async (): Promise<string> => {
        isAway = true
        return 'done'
      }
      expect(await here.once(made, goesAway)).toBe('done')
      expect(await here.once(made, never)).toBe('done')
      expect(await rejection(here.once({ ...made, input: 2 }, never))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
      for (const [one, error] of [
        [harmless, failure(false)],
        [doubtful, failure(true)],
      ] as const) {
        isAway = false
        const failing = async (): Promise<never> => {
          isAway = true
          throw error
        }
        expect(await rejection(here.once(one, failing))).toBe(error)
      }
      expect(await rejection(here.once(harmless, never))).toMatchObject({ code: 'WRITE_MEMORY_AWAY' })
      expect(await rejection(here.once(doubtful, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
      isAway = false
      await here.close()
      const there = memory()
      expect(await there.once(made, never)).toBe('done')
      expect(await there.once(harmless, () => Promise.resolve('again'))).toBe('again')
      expect(await rejection(there.once(doubtful, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    })

    it('that nobody knows of are listed, and settled by a person, who stands in the audit', async () => {
      tenant = await newTenant(store)
      const [made, not] = [write({ deal: 'Nice\0' }), write('😀'.repeat(1_100))]
      const desk = memory({ account: 'eu' })
      const fail = (): Promise<never> => Promise.reject(failure(true))
      await rejection(desk.once(made, fail))
      await rejection(desk.once(not, fail))
      const listed = await desk.unconfirmed()
      expect(listed.map(({ service, key, input }) => [service, key, input])).toEqual([
        ['crm (eu)', made.key, '{"deal":"Nice\\u0000"}'],
        ['crm (eu)', not.key, `"${'😀'.repeat(999)}\ufffd`],
      ])
      expect(await desk.unconfirmed({ limit: 1 })).toHaveLength(1)
      const service = 'crm (eu)'
      await desk.settle({ service, key: made.key, outcome: 'made', by: 'ada' })
      await desk.settle({ service, key: not.key, outcome: 'not-made', by: 'ada' })
      expect(await desk.unconfirmed()).toEqual([])
      expect(await desk.once(made, never)).toBeUndefined()
      await desk.settle({ service, key: made.key, outcome: 'made', result: { id: '7' }, by: 'ada' })
      expect(await desk.once(made, never)).toEqual({ id: '7' })
      for (const outcome of ['made', 'not-made'] as const) {
        const again = rejection(
          desk.settle({ service, key: made.key, outcome, ...(outcome === 'made' ? { result: 1 } : {}), by: 'eve' }),
        )
        expect(await again).toMatchObject({ code: 'WRITE_SETTLED' })
      }
      expect(await desk.once(not, () => Promise.resolve('done'))).toBe('done')
      const kept = await store.asWorker(tenant, (transaction) =>
        transaction.selectFrom('outside_writes').select('input').distinct().execute(),
      )
      expect(kept).toEqual([{ input: null }])
      const audit = await store.asWorker(tenant, (transaction) =>
        transaction.selectFrom('audit').select(['actor', 'action', 'target']).orderBy('created_at').execute(),
      )
      expect(audit).toEqual([
        { actor: 'ada', action: 'write-made', target: `${service}: ${made.key}` },
        { actor: 'ada', action: 'write-not-made', target: `${service}: ${not.key}` },
        { actor: 'ada', action: 'write-made', target: `${service}: ${made.key}` },
      ])
    })

    it('are not settled while they may be under way, nor when they are known', async () => {
      const one = write()
      const settlement = { service: 'crm', key: one.key, outcome: 'not-made', by: 'ada' } as const
      const desk = memory()
      expect(await rejection(desk.settle(settlement))).toMatchObject({ code: 'WRITE_UNKNOWN' })
      const held = Promise.withResolvers<string>()
      const begun = Promise.withResolvers<void>()
      const first = memory().once(one, () => {
        begun.resolve()
        return held.promise
      })
      await begun.promise
      expect(await rejection(desk.settle(settlement))).toMatchObject({ code: 'WRITE_UNDER_WAY' })
      held.resolve('done')
      await first
      expect(await rejection(desk.settle(settlement))).toMatchObject({ code: 'WRITE_SETTLED' })
    })

    it('are forgotten by their age, but those that nobody knows of', async () => {
      tenant = await newTenant(store)
      const [made, doubtful] = [write(), write()]
      await memory().once(made, () => Promise.resolve('done'))
      await rejection(memory().once(doubtful, () => Promise.reject(failure(true))))
      const forget = (before: string): Promise<number> =>
        store.asWorker(tenant, (transaction) => forgetWrites(transaction, new Date(before)))
      expect(await forget('2026-01-01')).toBe(0)
      await store.asWorker(tenant, (transaction) =>
        sql`update outside_writes set claimed_at = ${'2025-12-01'}`.execute(transaction),
      )
      expect([await forget('2026-01-01'), await forget('2026-01-01')]).toEqual([1, 0])
      expect(await memory().once(made, () => Promise.resolve('again'))).toBe('again')
      expect(await rejection(memory().once(doubtful, never))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    })

    it.each(['', 'x'.repeat(401), 'a\0b', '\ud800'])('with a key that cannot be kept are refused: %#', async (key) => {
      expect(await rejection(memory().once({ ...write(), key }, never))).toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('1 to 400 characters') as string,
      })
    })

    it.each([
      [{ underWayMs: -1 }, 'underWayMs must be a whole number from 0 to 600,000'],
      [{ timeoutMs: 0 }, 'timeoutMs must be a whole number from 1 to 300,000'],
      [{ account: '' }, 'account must be text of 1 to 100 characters'],
    ])('are not kept with options that cannot be used: %o', (options, allowed) => {
      expect(() => memory(options)).toThrow(allowed)
    })
  })
}
