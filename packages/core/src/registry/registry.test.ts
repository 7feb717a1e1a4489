import { describe, expect, it } from 'vitest'
import { fixed } from '../fallback/steps.ts'
import { fakeClock, scriptedOperation } from '../testing/index.ts'
import { createRegistry } from './registry.ts'

describe('a registry', () => {
  it('makes an integration when it is first asked for, and gives the same one again', async () => {
    const registry = createRegistry()
    const first = registry.integration('database', 'robots')
    expect(first).toMatchObject({ name: 'robots', kind: 'database' })
    expect(registry.integration('database', 'robots')).toBe(first)
    expect(registry.integration('cache', 'robots')).not.toBe(first)
    expect(registry.size).toBe(2)
  })

  it('makes guarded calls in one line, and operations to keep', async () => {
    const clock = fakeClock()
    const registry = createRegistry({ clock })
    await expect(registry.call('database', 'robots', () => ['r2'])).resolves.toMatchObject({ ok: true, value: ['r2'] })
    const robotsOf = registry.operation(
      'database',
      'robots',
      ({ attempt }, owner: string) => {
        if (owner === 'nobody') throw Object.assign(new Error('down'), { status: 501 })
        return [`${owner}, attempt ${attempt}`]
      },
      { fallbacks: [fixed<string[]>([])] },
    )
    await expect(robotsOf('Ada')).resolves.toMatchObject({ ok: true, value: ['Ada, attempt 1'], degraded: false })
    await expect(robotsOf('nobody')).resolves.toMatchObject({ ok: true, value: [], servedBy: 'static', degraded: true })
    expect(registry.snapshots()).toMatchObject([{ name: 'robots', totals: { calls: 3 } }])
  })

  it('gives each what its options say besides the preset', async () => {
    const clock = fakeClock()
    const registry = createRegistry({
      clock,
      options: (kind) => (kind === 'cache' ? { deadlineMs: 100, attemptTimeoutMs: 100 } : {}),
    })
    const call = registry.call('cache', 'fast', scriptedOperation(clock, [{ hangs: true }]))
    await clock.advance(100)
    await expect(call).resolves.toMatchObject({ ok: false, error: { category: 'timeout' } })
  })

  it('keeps a bounded number, and drops the one asked for longest ago: a million names stay bounded (B31)', () => {
    const registry = createRegistry({ maxIntegrations: 10 })
    const kept = registry.integration('cache', 'kept')
    for (let name = 0; name < 20_000; name++) {
      registry.integration('cache', `n${name}`)
      if (name % 5 === 0) registry.integration('cache', 'kept')
    }
    expect(registry.size).toBe(10)
    expect(registry.integration('cache', 'kept')).toBe(kept)
  })

  it('refuses what it cannot use', () => {
    expect(() => createRegistry({ maxIntegrations: 0 })).toThrow(
      /registry.maxIntegrations must be a whole number from 1/,
    )
    expect(() => createRegistry().integration('database', 'No Name')).toThrow(/name must be 1 to 64/)
    expect(() => createRegistry().integration('toaster' as never, 'one')).toThrow(/kind must be/)
  })
})
