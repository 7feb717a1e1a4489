import { describe, expect, it } from 'vitest'
import { foreignWords } from './own-words.ts'

const path = (...parts: string[]): string => ['', ...parts, ''].join('/')

describe('the gate `words`', () => {
  it('finds a path of one machine and says where', () => {
    expect(foreignWords('a.md', `one\nsee ${path('work', 'main')}`)).toEqual([
      `a.md:2: a path of one machine: ${path('work')}`,
    ])
    expect(foreignWords('a.md', `\`${path('home', 'ann', 'src')}\``)).toHaveLength(1)
  })

  it('finds a registry, in a lock file too', () => {
    const host = ['registry', 'npmjs', 'org'].join('.')
    expect(foreignWords('.npmrc', `registry=https://${host}/`)).toEqual([`.npmrc:1: a registry host: ${host}`])
    const resolved = (address: string): string => JSON.stringify({ resolved: address }, null, 1)
    expect(foreignWords('package-lock.json', resolved('https://mirror.test/ai.tgz'))).toHaveLength(1)
    expect(foreignWords('package-lock.json', resolved('packages/core'))).toEqual([])
  })

  it('leaves relative paths, routes and words alone', () => {
    expect(
      foreignWords('a.md', `docs${path('work', 'x')} ./root/a.ts node_modules/.bin \${ROOT}/root/x workload`),
    ).toEqual([])
  })
})
