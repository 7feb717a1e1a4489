import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import type { PostgresServer } from './services/postgres-server.ts'
import { newTenant } from './store/conformance.ts'

const COMMAND = fileURLToPath(new URL('../packages/server/src/bin/holdfast.ts', import.meta.url))

let folder = ''
let server: PostgresServer | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-backup-'))
  if (POSTGRES !== '') server = await startPostgres()
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

function holdfast(args: readonly string[], url = ''): { status: number | null; out: string; err: string } {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, DATABASE_URL: url }
  const command = ['--conditions=holdfast-source', COMMAND, ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, env, encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

describe('the command holdfast', () => {
  it('makes no backup of a store that is not there, and makes no store', () => {
    expect(holdfast(['backup', 'store.gz'])).toMatchObject({
      status: 1,
      err: 'There is no store in .data/store, and DATABASE_URL is not set.\n',
    })
    expect(existsSync(join(folder, '.data'))).toBe(false)
    expect(holdfast(['restore', 'nothing.gz'])).toMatchObject({ status: 1, err: 'There is no file nothing.gz.\n' })
    expect(existsSync(join(folder, '.data'))).toBe(false)
  })

  it.skipIf(POSTGRES === '')('brings everything from an embedded store to a server', async () => {
    const embedded = await openStore({ directory: join(folder, '.data/store') })
    const tenant = await newTenant(embedded)
    await embedded.asWorker(tenant, (transaction) =>
      transaction.insertInto('tickets').values({ number: 'EMG-7', message: 'Help' }).execute(),
    )
    expect(holdfast(['backup', 'store.gz'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('Another process'),
    })
    await embedded.close()

    expect(holdfast(['backup', 'store.gz'])).toEqual({
      status: 0,
      out: 'store.gz: 2 rows of the store in .data/store.\n',
      err: '',
    })
    expect((await stat(join(folder, 'store.gz'))).mode & 0o777).toBe(0o600)
    expect(holdfast(['backup', 'store.gz'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('There is a file'),
    })

    const url = await server!.newDatabase()
    const withPassword = url.replace('postgres@', 'postgres:very-secret@')
    const restored = holdfast(['restore', 'store.gz'], withPassword)
    expect(restored).toEqual({
      status: 0,
      out: `2 rows of store.gz are in the store at 127.0.0.1:${server!.port}.\n`,
      err: '',
    })
    expect(holdfast(['restore', 'store.gz'], url)).toMatchObject({
      status: 1,
      err: 'The store has rows already: restore into an empty one\n',
    })
    const store = await openStore({ url })
    try {
      const tickets = await store.withClaims({ tenant, user: 'ada' }, (transaction) =>
        transaction.selectFrom('tickets').select(['number', 'message']).execute(),
      )
      expect(tickets).toEqual([{ number: 'EMG-7', message: 'Help' }])
    } finally {
      await store.close()
    }
    // And back, into a file of another name.
    expect(holdfast(['backup', 'again.gz'], url)).toMatchObject({ status: 0 })
  })

  it('says in a sentence that a server is away, and nothing of its password', () => {
    const { status, out, err } = holdfast(['backup', 'away.gz'], 'postgres://desk:very-secret@127.0.0.1:1/holdfast')
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err.split('\n')).toHaveLength(2)
    expect(err).not.toContain('very-secret')
    expect(existsSync(join(folder, 'away.gz'))).toBe(false)
  })
})
