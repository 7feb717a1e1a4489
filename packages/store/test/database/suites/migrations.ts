import { describe, expect, it } from 'vitest'
import { rejection } from '../../open.ts'
import type { Engine } from '../../../src/database/engine/engine.ts'
import { checkMigrated, migrate } from '../../../src/database/migrations/migrate.ts'
import { type Migration, migration, MIGRATIONS } from '../../../src/database/migrations/migrations.ts'

const OPTIONS = { waitMs: 5_000 }

/** Steps forward: checked, one at a time, whole or not at all. */
export function migrations(engine: () => Promise<Engine>): void {
  describe('migrations', () => {
    const second = migration(
      '0002-second',
      'create table holdfast.second (n integer); grant select on holdfast.second to holdfast_app;',
    )
    const third = migration(
      '0003-third',
      'create table holdfast.third (n integer); grant select on holdfast.third to holdfast_app;',
    )
    const broken = migration('0003-third', 'create table holdfast.third (n integer);', 'select 1 / 0;')
    const take = async (on: Engine, list: readonly Migration[]): Promise<string[]> => {
      const taken: string[] = []
      await migrate(on, list, { ...OPTIONS, onApplied: (id) => taken.push(id) })
      return taken
    }
    const tables = async (on: Engine): Promise<unknown[]> => {
      const connection = await on.connect()
      const { rows } = await connection.query(
        "select tablename::text as name from pg_tables where tablename in ('second', 'third')",
        [],
      )
      connection.release()
      return rows.map(({ name }) => String(name)).toSorted()
    }

    it('are taken once and in order, and what fails is not taken at all', async () => {
      const database = await engine()
      try {
        expect(await take(database, [])).toEqual([])
        expect(await take(database, [...MIGRATIONS, second])).toEqual(['0001-initial', '0002-second'])
        expect(await take(database, [...MIGRATIONS, second])).toEqual([])
        const failed = await rejection(take(database, [...MIGRATIONS, second, broken]))
        expect(failed).toMatchObject({ code: 'STORE_MIGRATION_FAILED', category: 'configuration' })
        expect((failed as Error).message).toContain('0003-third failed, and nothing of it was kept: division by zero')
        expect(await tables(database)).toEqual(['second'])
        expect(await take(database, [...MIGRATIONS, second, third])).toEqual(['0003-third'])
        expect(await tables(database)).toEqual(['second', 'third'])
      } finally {
        await database.close()
      }
    })

    it('leave alone what a later version made, or another one', async () => {
      const database = await engine()
      try {
        const all = [...MIGRATIONS, second]
        await take(database, all)
        for (const check of [migrate, checkMigrated]) {
          const ended = (list: readonly Migration[]): Promise<unknown> => rejection(check(database, list, OPTIONS))
          expect(await ended(MIGRATIONS)).toMatchObject({
            code: 'STORE_NEWER',
            message: expect.stringContaining('0002-second'),
          })
          expect(await ended([...MIGRATIONS, migration('0002-second', 'select 2')])).toMatchObject({
            code: 'STORE_MIGRATION_CHANGED',
          })
          expect(await ended([second, ...MIGRATIONS])).toMatchObject({ code: 'STORE_MIGRATION_CHANGED' })
        }
        expect(await rejection(checkMigrated(database, [...all, third]))).toMatchObject({
          code: 'STORE_OUTDATED',
          message: expect.stringContaining('0003-third'),
        })
        expect(await tables(database)).toEqual(['second'])
        await checkMigrated(database, all)
      } finally {
        await database.close()
      }
    })
  })
}
