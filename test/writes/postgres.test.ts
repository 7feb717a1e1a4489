import { openStore, openWriteMemory } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import type { PostgresServer } from '../services/postgres-server.ts'
import { newTenant } from '../store/conformance.ts'
import { rejection } from './contract.ts'
import { describeKeptWrites } from './kept.ts'
import { killBetweenWriteAndNote } from './killed.ts'

describe.skipIf(POSTGRES === '')('on a server', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  }, 60_000)
  afterAll(() => server?.stop())

  describeKeptWrites('PostgreSQL', async () => openStore({ url: await server.newDatabase(), maxConnections: 10 }))

  it('a write of a process that was killed before it could note it is not made again until a person has looked', async () => {
    const url = await server.newDatabase()
    const after = await killBetweenWriteAndNote(url, () => openStore({ url, maxConnections: 2 }))
    expect(after).toMatchObject({
      made: 1,
      refused: { code: 'WRITE_UNCONFIRMED', mayHaveTakenEffect: true },
      listed: [{ service: 'crm', key: 'deal-7' }],
      settled: 'deal 7',
    })
  }, 90_000)

  it('a write is not made while the database is away, and one that was under way is noted when it is back', async () => {
    const store = await openStore({ url: await server.newDatabase(), maxConnections: 2, connectTimeoutMs: 1_000 })
    const tenant = await newTenant(store)
    const memory = openWriteMemory({ store, tenant, timeoutMs: 2_000 })
    let made = 0
    const write = (key: string, make = (): Promise<number> => Promise.resolve(++made)): Promise<number> =>
      memory.once({ service: 'crm', key, input: 1 }, make)
    try {
      const through = await write('through', async () => {
        await server.kill()
        return ++made
      })
      expect([through, await write('through')]).toEqual([1, 1])
      expect(await rejection(write('away'))).toMatchObject({
        code: 'WRITE_MEMORY_AWAY',
        retryable: true,
        mayHaveTakenEffect: false,
      })
      expect(made).toBe(1)
      await server.start()
      const elsewhere = openWriteMemory({ store, tenant })
      const found = (): Promise<number | string> =>
        elsewhere
          .once({ service: 'crm', key: 'through', input: 1 }, () => Promise.resolve(++made))
          .catch(({ code }: { readonly code: string }) => code)
      await expect.poll(found, { timeout: 40_000, interval: 200 }).toBe(1)
      expect([await write('away'), made]).toEqual([2, 2])
      await elsewhere.close()
    } finally {
      await memory.close()
      await store.close()
    }
  }, 90_000)
})
