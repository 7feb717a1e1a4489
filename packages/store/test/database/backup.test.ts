import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejection } from '../open.ts'
import { json, openStore, restoreStore, type StoreOptions } from '../../src/database/index.ts'
import { openPglite, openPostgres, type Opened, pgliteTemplate } from './opened.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { seed } from './seed.ts'

const bin = process.env['POSTGRESQL_BIN'] ?? ''

let folder = ''
let source: Opened
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-backup-'))
  source = await openPglite(await pgliteTemplate())
  for (const tenant of ['a', "b'; --"]) await seed(source, tenant)
  const odd = ['\u2028 a line?', '"quoted" \\ \t\n', '漢字 🛩️', "');", 'null', ' ']
  await source.store.withClaims({ tenant: 'a', user: 'u' }, async (tx) => {
    for (const name of odd)
      await tx
        .insertInto('clients')
        .values({ name, preferences: json({ [name]: [name, null, 1e21, 0.1] }) })
        .execute()
    const quote = { request_id: '00000000-0000-4000-8000-000000000001', operator: 'o', currency: 'USD' }
    await tx
      .insertInto('quotes')
      .values({ ...quote, amount_minor: '9007199254740993', valid_until: new Date(1_700_000_000_123) })
      .execute()
  })
  // More than is read at once.
  await source.query(
    "insert into holdfast.activities (tenant, agent, activity) select 'a', 'x', 'y' || n from generate_series(1, 1234) n",
  )
  file = join(folder, 'backup.jsonl')
  await source.store.backup(file)
}, 60_000)
afterAll(async () => {
  await source.close()
  await rm(folder, { recursive: true, force: true })
})

/** All but the time at which it was made, and the checksum over that. */
async function linesOf(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.map((line) => line.replace(/"at":"[^"]+",/, '').replace(/"sha256":"\w+"/, ''))
}

describe('a backup', () => {
  it('is written whole, for its owner only, and takes the place of an older one', async () => {
    await writeFile(file, 'older')
    const result = await source.store.backup(file)
    expect(result).toMatchObject({ file, rows: 2 * 19 + 6 + 1 + 1_234 })
    const { size, mode } = await stat(file)
    expect(size).toBe(result.bytes)
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['backup.jsonl'])
  })

  it('that cannot be written, or is left, leaves what was there', async () => {
    const nowhere = join(folder, 'no', 'such', 'folder')
    expect(await rejection(source.store.backup(nowhere))).toMatchObject({
      code: 'STORE_BACKUP_FAILED',
      category: 'server',
    })
    const before = await readFile(file)
    expect(await rejection(source.store.backup(file, { signal: AbortSignal.abort('left') }))).toBe('left')
    expect(await readFile(file)).toEqual(before)
    expect(await readdir(folder)).toEqual(['backup.jsonl'])
  })

  it('that is torn, or changed anywhere, is known as such before anything is restored', async () => {
    const whole = await readFile(file)
    const torn = join(folder, 'torn')
    const restored = async (bytes: Uint8Array): Promise<unknown> => {
      await writeFile(torn, bytes)
      return rejection(restoreStore({ directory: join(folder, 'never') }, torn))
    }
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 60))
      expect(await restored(whole.subarray(0, length)), `cut at ${length}`).toMatchObject({
        code: 'STORE_BACKUP_DAMAGED',
      })
    for (let at = 200; at < whole.length; at += Math.ceil(whole.length / 60)) {
      const changed = Buffer.from(whole)
      changed[at] = changed[at] === 0x31 ? 0x32 : 0x31
      expect(await restored(changed), `changed at ${at}`).toMatchObject({ code: 'STORE_BACKUP_DAMAGED' })
    }
    expect(await restored(Buffer.concat([whole, Buffer.from('[]\n')]))).toMatchObject({ code: 'STORE_BACKUP_DAMAGED' })
    expect(await rejection(restoreStore({ directory: join(folder, 'never') }, join(folder, 'missing')))).toMatchObject({
      code: 'STORE_BACKUP_DAMAGED',
    })
    expect(await rejection(restoreStore({ memory: true }, file))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(await readdir(folder)).not.toContain('never')
    await rm(torn)
  })
})

describe.skipIf(bin === '')('between PGlite and PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => void (server = await startPostgres(bin)), 60_000)
  afterAll(() => server.stop())

  it('a backup leads there and back, and nothing of it is lost or changed', async () => {
    const { url, migrationUrl } = await server.createDatabase()
    const there: StoreOptions = { url, migrationUrl }
    expect(await restoreStore(there, file)).toMatchObject({ rows: 1_279 })
    const other = join(folder, 'other.jsonl')
    await using postgres = await openStore({ url: migrationUrl })
    await postgres.backup(other)
    expect(await linesOf(other)).toEqual(await linesOf(file))
    // Numbers go on where they were.
    await using application = await openStore(there)
    const [event] = await application.withClaims({ tenant: 'a', user: 'u' }, (tx) =>
      tx.insertInto('events').values({ topic: 't', event: 'e' }).returning('id').execute(),
    )
    expect(Number(event?.id)).toBe(3)
    await application.asWorker('a', (tx) => tx.deleteFrom('events').where('event', '=', 'e').execute())

    const directory = join(folder, 'embedded')
    await restoreStore({ directory }, other)
    await using back = await openStore({ directory })
    const last = join(folder, 'last.jsonl')
    await back.backup(last)
    expect(await linesOf(last)).toEqual(await linesOf(file))
  }, 60_000)

  it('goes into an empty store only', async () => {
    const opened = await openPostgres(server)
    await seed(opened, 'c')
    expect(await rejection(restoreStore(opened.place, file))).toMatchObject({
      code: 'STORE_NOT_EMPTY',
      message: expect.stringContaining('tenants'),
    })
    expect(await opened.query('select id from holdfast.tenants')).toEqual([{ id: 'c' }])
    await opened.close()
  })

  it('is made by who may see everything, and by nobody else', async () => {
    const opened = await openPostgres(server)
    expect(await rejection(opened.store.backup(join(folder, 'x')))).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      message: expect.stringContaining('holdfast_backup'),
    })
    expect(await readdir(folder)).not.toContain('x')
    await opened.close()
  })

  it('that cannot be finished restores nothing', async () => {
    const { name, url, migrationUrl } = await server.createDatabase()
    await (await openStore({ url, migrationUrl })).close()
    // Somebody keeps the last of the tables from being written.
    const holder = new pg.Client({ connectionString: server.url('postgres', name) })
    await holder.connect()
    await holder.query('begin; lock table holdfast.events in share mode')
    const controller = new AbortController()
    const ended = rejection(restoreStore({ url, migrationUrl }, file, { signal: controller.signal }))
    const waiting = (): Promise<unknown> => server.query(name, 'select 1 from pg_locks where not granted')
    await expect.poll(waiting, { interval: 5, timeout: 10_000 }).not.toEqual([])
    controller.abort('enough')
    expect(await ended).toBe('enough')
    await holder.end()
    await expect.poll(waiting, { interval: 5, timeout: 10_000 }).toEqual([])
    expect(await server.query(name, 'select id from holdfast.tenants')).toEqual([])
    expect(await restoreStore({ url, migrationUrl }, file)).toMatchObject({ rows: 1_279 })
  }, 60_000)

  it('of a later version is left alone', async () => {
    const later = join(folder, 'later.jsonl')
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    const header = JSON.parse(lines[0] ?? '') as { migrations: { id: string; checksum: string }[] }
    header.migrations.push({ id: '0999-later', checksum: '0'.repeat(64) })
    const text = `${[JSON.stringify(header), ...lines.slice(1, -1)].join('\n')}\n`
    const end = {
      ...(JSON.parse(lines.at(-1) ?? '') as object),
      sha256: createHash('sha256').update(text).digest('hex'),
    }
    await writeFile(later, `${text}${JSON.stringify(end)}\n`)
    expect(await rejection(restoreStore({ directory: join(folder, 'never') }, later))).toMatchObject({
      code: 'STORE_NEWER',
    })
  })
})
