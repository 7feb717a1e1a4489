import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejection } from '../open.ts'
import { openStore } from '../../src/database/index.ts'

const LOCK = fileURLToPath(new URL('../../src/files/exclusive-lock.ts', import.meta.url))

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-pglite-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a store in a directory', () => {
  it('is made with its directory, for its owner only, and found again', async () => {
    const directory = join(folder, 'a', 'store')
    // What a process leaves that is killed while it makes a database.
    await mkdir(join(directory, 'data.new'), { recursive: true })
    await writeFile(join(directory, 'data.new', 'PG_VERSION'), '18\n')
    const store = await openStore({ directory })
    expect(store.status()).toMatchObject({
      engine: 'pglite',
      where: directory,
      poolSize: 1,
      warnings: [expect.stringContaining('superuser')],
    })
    await store.asWorker('acme', (tx) => tx.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute())

    // It has one owner, in this process too.
    expect(await rejection(openStore({ directory }))).toMatchObject({
      code: 'STORE_LOCKED',
      category: 'configuration',
      message: expect.stringContaining(`process ${process.pid}, since`),
    })
    await store.close()
    expect(await rejection(store.check())).toMatchObject({ code: 'STORE_CLOSED' })
    expect((await readdir(directory)).toSorted()).toEqual(['data', 'lock', 'owner'])
    if (process.platform !== 'win32') expect((await stat(join(directory, 'owner'))).mode & 0o777).toBe(0o600)

    await using again = await openStore({ directory, migrate: false })
    expect(await again.asWorker('acme', (tx) => tx.selectFrom('tenants').select('id').execute())).toEqual([
      { id: 'acme' },
    ])
  }, 60_000)

  it('is refused while another process has it, which is named, and not after that was killed', async () => {
    const directory = join(folder, 'other')
    await mkdir(directory)
    const code = `
      import { takeLock } from ${JSON.stringify(LOCK)}
      import { writeFileSync } from 'node:fs'
      const release = takeLock(process.argv[1] + '/lock')
      writeFileSync(process.argv[1] + '/owner', 'process ' + process.pid + ', since then\\n')
      console.log('taken')
      setInterval(() => release, 1000)`
    const other = spawn(process.execPath, ['--input-type=module', '--eval', code, directory], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(other.stdout, 'data')
    expect(await rejection(openStore({ directory }))).toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`process ${other.pid},`),
    })
    other.kill('SIGKILL')
    await once(other, 'exit')
    await writeFile(join(directory, 'data'), 'no database')
    // The lock is free, and so the next thing is found.
    expect(await rejection(openStore({ directory }))).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      category: 'configuration',
    })
  }, 60_000)

  it('cannot be where a file is', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await rejection(openStore({ directory: join(folder, 'file') }))).toMatchObject({ code: 'STORE_CANNOT_OPEN' })
  })
})
