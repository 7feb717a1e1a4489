import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordsOf, rejection } from '../../test/open.ts'
import { openJournal } from '../journal/index.ts'
import { takeLock } from './exclusive-lock.ts'
import { writeAll } from './files.ts'
import { nodeFiles } from './node-files.ts'
import { readAll } from './read-file.ts'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'holdfast-journal-'))))
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('the file system of the machine', () => {
  it('writes, syncs and reads at positions, and cuts', async () => {
    const path = join(directory, 'file')
    const file = await nodeFiles.create(path)
    await writeAll(file, Buffer.from('0123456789'), 0)
    await writeAll(file, Buffer.from('AB'), 10)
    await file.sync()
    await file.truncate(11)
    expect([await file.size(), await file.hasName(), (await readAll(file)).toString()]).toEqual([
      11,
      true,
      '0123456789A',
    ])
    await file.close()
    const again = await nodeFiles.open(path)
    const into = Buffer.alloc(4)
    expect([await again.read(into, 8), into.toString('utf8', 0, 3)]).toEqual([3, '89A'])
    await again.close()
    await (await nodeFiles.create(path)).close()
    expect((await stat(path)).size, 'a created file is empty').toBe(0)
  })

  it('knows when a file has lost its name', async () => {
    const path = join(directory, 'file')
    const removed = await nodeFiles.create(path)
    await nodeFiles.remove(path)
    expect(await removed.hasName()).toBe(false)
    const replaced = await nodeFiles.create(path)
    await (await nodeFiles.create(join(directory, 'other'))).close()
    await nodeFiles.rename(join(directory, 'other'), path)
    expect(await replaced.hasName()).toBe(false)
    await Promise.all([removed.close(), replaced.close()])
  })

  it('makes directories for the owner only, as deep as they are', async () => {
    const deep = join(directory, 'a', 'b', 'c')
    await nodeFiles.makeDirectory(deep)
    await nodeFiles.makeDirectory(deep)
    await (await nodeFiles.create(join(deep, 'file'))).close()
    await nodeFiles.syncDirectory(deep)
    expect(await nodeFiles.list(deep)).toEqual(['file'])
    if (process.platform === 'win32') return
    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(deep, 'file'))).mode & 0o777).toBe(0o600)
  })

  it('keeps a file under another name while its own is taken by a new one', async () => {
    const path = join(directory, 'file')
    await writeFile(path, 'old')
    await nodeFiles.keepAs(path, join(directory, 'kept'))
    await writeFile(join(directory, 'new'), 'new')
    await nodeFiles.rename(join(directory, 'new'), path)
    expect(await readFile(join(directory, 'kept'), 'utf8')).toBe('old')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await rejection(nodeFiles.keepAs(path, join(directory, 'kept')))).toMatchObject({ code: 'EEXIST' })
  })
})

describe('the lock', () => {
  const code = `
    import { takeLock } from ${JSON.stringify(fileURLToPath(new URL('exclusive-lock.ts', import.meta.url)))}
    console.log(takeLock(process.argv[1]) === undefined ? 'somebody has it' : 'taken')
    process.kill(process.pid, 'SIGKILL')`
  const elsewhere = (path: string): string =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', code, path]).stdout.toString().trim()

  it('is one for the whole machine, and ends with the process that has it, however that ends', () => {
    const path = join(directory, 'lock')
    expect(elsewhere(path)).toBe('taken')
    const release = takeLock(path)
    expect(release).toBeDefined()
    expect(takeLock(path)).toBeUndefined()
    expect(elsewhere(path)).toBe('somebody has it')
    release?.()
    release?.()
    expect(elsewhere(path)).toBe('taken')
  })

  it('leaves nothing behind but an empty file', async () => {
    const path = join(directory, 'lock')
    const release = takeLock(path)
    expect(await nodeFiles.list(directory)).toEqual(['lock'])
    release?.()
    expect(await nodeFiles.list(directory)).toEqual(['lock'])
    expect((await stat(path)).size).toBe(0)
  })

  it('says when the file cannot be made, or is something else', async () => {
    expect(() => takeLock(join(directory, 'no', 'lock'))).toThrow('unable to open')
    await writeFile(join(directory, 'lock'), 'a text of somebody, and a long one '.repeat(100))
    expect(await rejection(openJournal({ directory }))).toMatchObject({
      code: 'JOURNAL_CANNOT_OPEN',
      category: 'configuration',
    })
  })
})

describe('a journal on the disk of the machine', () => {
  it('is made with its directory, and found again', async () => {
    const path = join(directory, 'data', 'journal')
    const journal = await openJournal({ directory: path })
    await journal.append({ kind: 'mail', key: 'm1', tenant: 'acme', data: { to: 'a@example.org' } })
    expect(await rejection(openJournal({ directory: path }))).toMatchObject({ code: 'JOURNAL_LOCKED' })
    await journal.close()
    await using again = await openJournal({ directory: path })
    expect(await recordsOf(again)).toMatchObject([{ tenant: 'acme', data: { to: 'a@example.org' } }])
    expect((await nodeFiles.list(path)).toSorted()).toEqual(['000000000001.log', 'lock'])
  })

  it('cannot be where a file is', async () => {
    await writeFile(join(directory, 'file'), '')
    expect(await rejection(openJournal({ directory: join(directory, 'file') }))).toMatchObject({
      code: 'JOURNAL_CANNOT_OPEN',
    })
  })
})
