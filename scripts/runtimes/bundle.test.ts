import { describe, expect, it } from 'vitest'
import { bundleTests, selectTests } from './bundle.ts'

describe('the tests that are bundled', () => {
  it('are all of core that test no programs of their own', async () => {
    const { paths, excluded } = await selectTests()
    expect(paths).toContain('packages/core/src/clock/system-clock.test.ts')
    expect(paths.at(-1)).toBe('scripts/runtimes/inside/platform.suite.ts')
    expect(excluded.map(({ test }) => test)).toContain('packages/core/test/process-exit.test.ts')
    expect(paths.filter((path) => excluded.some(({ test }) => test === path))).toEqual([])
  })

  it('can be fewer', async () => {
    expect((await selectTests('system-clock')).paths).toEqual(['packages/core/src/clock/system-clock.test.ts'])
  })

  it('leave out a file that cannot be bundled, and say so', async () => {
    const good = 'packages/core/src/clock/system-clock.test.ts'
    const { code, failures } = await bundleTests('worker', [good, 'packages/core/src/no-such.test.ts'])
    expect(failures).toMatchObject([{ test: 'packages/core/src/no-such.test.ts' }])
    expect(code).toContain(`"${good}": `)
    expect(code, 'nothing of Node is imported').not.toMatch(/from ["']node:/)
    expect(code.match(/getEventListeners/g)?.length).toBeGreaterThan(1)
  })
})
