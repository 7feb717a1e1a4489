import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { createCache } from './create-cache.ts'
import type { CacheOptions } from './options.ts'
import { tenantKey } from './tenant-key.ts'

function setUp(options: Partial<CacheOptions<string>> = {}) {
  const clock = fakeClock()
  return { clock, cache: createCache<string>({ name: 'answers', clock, freshMs: 1_000, ...options }) }
}

describe('a deletion by tag', () => {
  it('takes what has the tag, for all tenants, and nothing else', () => {
    const { cache } = setUp()
    cache.set('a', '1', { tags: ['prices', 'jets'] })
    cache.set('a', '2', { tags: ['prices'], tenant: 'acme' })
    cache.set('b', '3', { tags: ['jets'] })
    cache.set('c', '4')
    cache.deleteByTag('prices')
    const values = [cache.peek('a'), cache.peek('a', { tenant: 'acme' }), cache.peek('b'), cache.peek('c')]
    expect(values.map((cached) => cached?.value)).toEqual([undefined, undefined, '3', '4'])
    expect(cache.size).toBe(2)
  })

  it('does not touch what is stored after it, in the same moment', async () => {
    const { cache } = setUp()
    cache.deleteByTag('prices')
    cache.set('a', '1', { tags: ['prices'] })
    expect(await cache.get('a', () => '2')).toMatchObject({ value: '1', state: 'fresh' })
  })

  it('overtakes a computation under way (B34), and callers from then on begin another', async () => {
    const { clock, cache } = setUp()
    const slow = (value: string) => (): Promise<string> => clock.sleep(100).then(() => value)
    const older = cache.get('a', slow('older'), { tags: ['prices'] })
    cache.deleteByTag('prices')
    const newer = cache.get('a', slow('newer'), { tags: ['prices'] })
    await clock.advance(100)
    expect([(await older).value, (await newer).value]).toEqual(['older', 'newer'])
    expect(cache.peek('a')?.value).toBe('newer')
  })

  it('counts also for a tag that the computation gives at its end', async () => {
    const { clock, cache } = setUp()
    const call = cache.get('a', async (_signal, context) => {
      await clock.sleep(100)
      context.tags = ['prices']
      return 'older'
    })
    cache.deleteByTag('prices')
    await clock.advance(100)
    await call
    expect(cache.peek('a')).toBe(undefined)
  })

  it('does not serve what it took when refreshing fails', async () => {
    const { clock, cache } = setUp({ staleIfErrorMs: 60_000 })
    cache.set('a', '1', { tags: ['prices'] })
    await clock.advance(2_000)
    cache.deleteByTag('prices')
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  })

  it('is not forgotten after very many others: what has tags and is older goes with them', () => {
    const { cache } = setUp()
    cache.set('a', '1', { tags: ['prices'] })
    cache.set('b', '2', { tags: ['jets'] })
    cache.set('c', '3')
    cache.deleteByTag('prices')
    for (let i = 0; i < 20_000; i++) cache.deleteByTag(`tag-${i}`)
    cache.set('d', '4', { tags: ['prices'] })
    expect(['a', 'b', 'c', 'd'].map((key) => cache.peek(key)?.value)).toEqual([undefined, undefined, '3', '4'])
  })
})

describe('tenants', () => {
  it('never share an entry, a computation, or a deletion', async () => {
    const { clock, cache } = setUp()
    let computed = 0
    const compute = async (): Promise<string> => {
      const own = (computed += 1)
      await clock.sleep(10)
      return String(own)
    }
    const scopes = [{ tenant: 'a' }, { tenant: 'b' }, { tenant: '' }, {}]
    const calls = Promise.all(scopes.map((scope) => cache.get('k', compute, scope)))
    await clock.advance(10)
    expect((await calls).map(({ value }) => value)).toEqual(['1', '2', '3', '4'])
    expect(cache.delete('k', { tenant: 'a' })).toBe(true)
    cache.set('k', 'changed', { tenant: 'b' })
    expect(scopes.map((scope) => cache.peek('k', scope)?.value)).toEqual([undefined, 'changed', '3', '4'])
  })

  it('cannot get at each other by the choice of a key', () => {
    const text = fc.string({ unit: fc.constantFrom('@', '1', '2', 'a', ''), maxLength: 6 })
    const scope = fc.record({ key: text, tenant: fc.option(text, { nil: undefined }) })
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        const isSame = a.key === b.key && a.tenant === b.tenant
        expect(tenantKey(a.key, a.tenant) === tenantKey(b.key, b.tenant)).toBe(isSame)
      }),
      { numRuns: 2_000 },
    )
  })
})
