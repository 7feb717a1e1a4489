import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { storeFailure } from '../failures.ts'
import { MIGRATIONS } from './index.ts'
import { migrate } from './migrate.ts'

let database: PGlite

/** The database for a user of it. */
function engineAs(user: string): Engine {
  return {
    kind: 'pglite',
    transaction: ({ opening, work }) =>
      database.transaction(async (transaction) => {
        const or = (error: unknown): never => {
          throw storeFailure(error)
        }
        await transaction.exec(`set local session authorization ${user}; ${opening}`).catch(or)
        return work({
          failure: undefined,
          query: async (text, values = []) => {
            const { rows } = await transaction.query<Record<string, unknown>>(text, [...values]).catch(or)
            return { rows, affected: rows.length }
          },
          script: async (text) => void (await transaction.exec(text).catch(or)),
        })
      }),
    listen: () => Promise.reject(new Error('nobody listens')),
    close: () => database.close(),
  }
}

const migrateAs = (user: string): ReturnType<typeof migrate> =>
  migrate(engineAs(user), MIGRATIONS, new AbortController().signal)

// On PostgreSQL 18, where nobody may grant what another has made.
describe('a user who migrates', () => {
  beforeAll(async () => {
    database = await PGlite.create()
    await database.exec(`
      create role plain login; create role "first one" login createrole; create role second login createrole;
      grant create on database postgres to plain, "first one", second;
      -- It is empty at first, and going back to that does nothing.
      set session authorization postgres`)
  }, 60_000)
  afterAll(() => database.close())

  it('is told that he may not make roles', async () => {
    await expect(migrateAs('plain')).rejects.toMatchObject({
      code: 'STORE_MISCONFIGURED',
      category: 'configuration',
      message: expect.stringContaining('`alter role plain createrole`') as string,
    })
  })

  it('needs to be no superuser', async () => {
    expect((await migrateAs('"first one"')).applied).toHaveLength(MIGRATIONS.length)
    expect((await migrateAs('"first one"')).applied).toEqual([])
  })

  it('is told what to do in a second database of a server, where another has made the roles', async () => {
    await database.exec('drop schema holdfast cascade')
    const advice =
      '`grant holdfast_app, holdfast_worker, holdfast_backup, holdfast_keys, holdfast_sweeper to second with admin option`'
    await expect(migrateAs('second')).rejects.toMatchObject({
      code: 'STORE_MISCONFIGURED',
      message: expect.stringContaining(advice) as string,
    })
    await database.exec(`set role "first one"; ${advice.replaceAll('`', '')}; reset role`)
    expect((await migrateAs('second')).applied).toHaveLength(MIGRATIONS.length)
  })
})
