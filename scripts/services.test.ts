import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium, findPostgres } from './services.ts'

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
  it('takes the one that is named', () => {
    expect(findPostgres({ POSTGRES_PATH: '/opt/postgres/bin', PATH: folder })).toBe('/opt/postgres/bin')
  })

  it('looks along PATH for a folder with all its programs', async () => {
    for (const name of ['postgres', 'initdb']) {
      expect(findPostgres({ PATH: folder })).not.toBe(folder)
      await writeFile(join(folder, name), '', { mode: 0o755 })
    }
    // One that came with the system goes before it.
    expect([folder, findPostgres({ PATH: '' })]).toContain(findPostgres({ PATH: folder }))
  })
})
