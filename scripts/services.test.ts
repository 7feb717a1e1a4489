import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium, findPostgresql } from './services.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-services-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('finding Chromium', () => {
  it('takes the one that is named', () => {
    expect(findChromium({ CHROMIUM_PATH: '/opt/chromium', PATH: folder })).toBe('/opt/chromium')
  })

  it('looks along PATH for a program that may be run', async () => {
    const path = join(folder, 'google-chrome')
    await writeFile(path, '')
    await chmod(path, 0o644)
    expect(findChromium({ PATH: folder })).not.toBe(path)
    await chmod(path, 0o755)
    expect(findChromium({ PATH: folder })).toBe(path)
  })
})

describe('finding PostgreSQL', () => {
  const install = async (version: string, ...programs: readonly string[]): Promise<string> => {
    const bin = join(folder, version, 'bin')
    await mkdir(bin, { recursive: true })
    for (const program of programs) await writeFile(join(bin, program), '', { mode: 0o755 })
    return bin
  }

  it('takes the one that is named', () => {
    expect(findPostgresql({ POSTGRESQL_BIN: '/opt/postgresql/bin' }, folder)).toBe('/opt/postgresql/bin')
  })

  it('takes the newest one that has the programs of a server', async () => {
    await install('9', 'initdb', 'postgres')
    const newest = await install('15', 'initdb', 'postgres')
    await install('16', 'psql')
    expect(findPostgresql({}, folder)).toBe(newest)
  })

  it('looks along PATH where none is installed by Debian', async () => {
    const bin = await install('elsewhere', 'initdb', 'postgres')
    expect(findPostgresql({ PATH: bin }, join(folder, 'none'))).toBe(bin)
    expect(findPostgresql({ PATH: folder }, join(folder, 'none'))).toBeUndefined()
  })
})
