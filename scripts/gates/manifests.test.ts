import { describe, expect, it } from 'vitest'
import { settledLock } from '../lock.ts'
import { differingVersions, manifestProblems } from './manifests.ts'

const published = { license: 'MIT', engines: { node: '>=22' } }
const none = new Map<string, string>()

describe('the gate `manifests`', () => {
  it('refuses a version range', () => {
    for (const version of ['^1.2.3', '~1.2.3', '>=1', '1.x', 'latest', '*'])
      expect(manifestProblems('p', { ...published, dependencies: { zod: version } }, none)).toHaveLength(1)
  })

  it('takes exact versions, prereleases too, and ranges of peers', () => {
    const manifest = { ...published, dependencies: { a: '1.2.3', b: '2.0.0-rc.1' }, peerDependencies: { c: '>=4 <5' } }
    expect(manifestProblems('p', manifest, none)).toEqual([])
  })

  it('refuses a version of our own package that the workspace does not have', () => {
    const ours = new Map([['@holdfast/core', '0.2.0']])
    const manifest = { ...published, dependencies: { '@holdfast/core': '0.1.0' } }
    expect(manifestProblems('p', manifest, ours)).toEqual([
      'p: dependencies.@holdfast/core is 0.1.0, but the workspace has 0.2.0',
    ])
  })

  it('asks for the licence, and for the engines of what is published', () => {
    expect(manifestProblems('p', {}, none)).toHaveLength(2)
    expect(manifestProblems('p', { license: 'MIT', private: true }, none)).toEqual([])
  })

  it('finds two versions of one dependency', () => {
    const read = ['1.0.0', '1.0.0', '1.0.1'].map((zod, index) => ({
      path: `p${index}`,
      manifest: { dependencies: { zod } },
    }))
    expect(differingVersions(read)).toEqual(['p2: zod is 1.0.1 here and 1.0.0 in p0'])
  })

  it('wants the lock file without what only some versions of npm write', () => {
    const lock = (entry: object): string => `${JSON.stringify({ packages: { a: entry } }, null, 2)}\n`
    const settled = lock({ version: '1.0.0' })
    expect(settledLock(lock({ version: '1.0.0', libc: ['glibc'] }))).toBe(settled)
    expect(settledLock(settled)).toBe(settled)
  })
})
