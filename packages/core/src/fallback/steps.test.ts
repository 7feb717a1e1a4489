import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCache } from '../cache/create-cache.ts'
import { fakeClock } from '../testing/index.ts'
import { fallback } from './fallback.ts'
import { cacheFirst, lastKnown, type RememberedOptions, type Remembering } from './steps.ts'

function setUp() {
  const clock = fakeClock()
  const cache = createCache<string>({ name: 'answers', clock, freshMs: 1_000, staleIfErrorMs: 60_000 })
  return { clock, cache }
}

const steps = { cacheFirst, lastKnown }
type Remembers = keyof typeof steps

describe.each(Object.keys(steps) as Remembers[])('a step of %s', (name) => {
  const step = steps[name]

  /** What the step serves, or `undefined`. */
  async function served(cache: Remembering<string>, key: string, options?: RememberedOptions) {
    try {
      return (await fallback([step(cache, key, options)])).value
    } catch (error) {
      expect(error).toMatchObject({ code: 'EXHAUSTED', cause: { code: 'NOT_REMEMBERED' } })
      return undefined
    }
  }

  it('serves a tenant what that tenant has stored', async () => {
    const { cache } = setUp()
    for (const tenant of ['acme', 'other']) cache.set('q', `for ${tenant}`, { tenant })
    cache.set('q', 'for all')
    expect(await served(cache, 'q', { tenant: 'acme' })).toBe('for acme')
    expect(await served(cache, 'q', { tenant: 'other' })).toBe('for other')
    expect(await served(cache, 'q')).toBe('for all')
  })

  it('never serves one tenant what another has stored, nor what nobody’s is, whatever their names and keys are', async () => {
    const tenant = fc.option(fc.constantFrom('', 'a', 'ab', '@', '@1', '1@a'), { nil: undefined })
    const place = fc.record({ tenant, key: fc.constantFrom('', 'b', '@1@ab', '@0@', 'q', '@@') })
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 5 }), place, async (stored, asked) => {
        const { cache } = setUp()
        const scopeOf = (whose: string | undefined) => (whose === undefined ? {} : { tenant: whose })
        for (const one of stored) cache.set(one.key, JSON.stringify(one), scopeOf(one.tenant))
        const value = await served(cache, asked.key, scopeOf(asked.tenant))
        const isStored = stored.some((one) => one.tenant === asked.tenant && one.key === asked.key)
        expect(value).toBe(isStored ? JSON.stringify(asked) : undefined)
      }),
    )
  })

  it('tells whatever else it reads from whose value is meant', async () => {
    const asked: unknown[] = []
    const memory: Remembering<string> = {
      peek: (key, scope) => {
        asked.push([key, scope])
        return { value: 'remembered', ageMs: 0, state: 'fresh' }
      },
    }
    await served(memory, 'q', { tenant: 'acme' })
    await served(memory, 'q')
    expect(asked).toEqual([
      ['q', { tenant: 'acme' }],
      ['q', undefined],
    ])
  })

  it('has a name of its own, if one is given', async () => {
    const { cache } = setUp()
    cache.set('q', 'remembered')
    const { servedBy } = await fallback([step(cache, 'q', { name: 'memory' })])
    expect(servedBy).toBe('memory')
  })

  it.each([
    [{ tenant: 7 }, `${name}.tenant must be a string, but is 7`],
    [{ name: 'A name' }, `${name}.name must be 1 to 64`],
    [{ tenants: 'acme' }, `${name}.tenants is not an option`],
    ['acme', `${name} must be an object of options, but is 'acme'`],
  ])('is refused with %j, before anything is read', (options, message) => {
    expect(() => step(setUp().cache, 'q', options as never)).toThrow(message)
  })

  it('fails like any other step when what it reads from throws', async () => {
    const broken: Remembering<string> = {
      peek: () => {
        throw new Error('broken')
      },
    }
    const last = { name: 'template', run: () => 'a friendly word' }
    const { value, failures } = await fallback([step(broken, 'q'), last])
    expect([value, failures[0]?.error.cause]).toEqual(['a friendly word', new Error('broken')])
  })
})

describe('what is remembered', () => {
  it('is served while it is fresh by cacheFirst, and later only by lastKnown, with its age', async () => {
    const { clock, cache } = setUp()
    cache.set('q', 'remembered', { tenant: 'acme' })
    await clock.advance(1_000)
    await expect(fallback([cacheFirst(cache, 'q', { tenant: 'acme' })])).rejects.toMatchObject({
      cause: { code: 'NOT_REMEMBERED' },
    })
    expect(await fallback([lastKnown(cache, 'q', { tenant: 'acme' })], { clock })).toMatchObject({
      value: 'remembered',
      servedBy: 'last-known',
      source: 'last-known',
      ageMs: 1_000,
    })
  })
})
