import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from './services.ts'

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
