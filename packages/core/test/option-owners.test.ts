import { describe, expect, it } from 'vitest'
import * as admission from '../src/admission/index.ts'
import * as cache from '../src/cache/index.ts'
import * as chaos from '../src/chaos/index.ts'
import { createEvents, HoldfastError } from '../src/index.ts'
import * as metrics from '../src/metrics/index.ts'
import * as sessions from '../src/sessions/index.ts'

type Factory = (options: unknown) => unknown

/** Every factory, by its name; the least that it takes; and what it misses first when that is left out. */
const FACTORIES: Readonly<Record<string, readonly [least: object, needed: string | undefined]>> = {
  createBulkhead: [{ name: 'a' }, 'name'],
  createCapacity: [{ name: 'a' }, 'name'],
  createRateLimiter: [{ name: 'a', limit: 1 }, 'name'],
  createRateLimiters: [{ name: 'a', limit: 1 }, 'name'],
  createThrottle: [{ name: 'a' }, 'name'],
  createAdaptiveConcurrency: [{ name: 'a' }, 'name'],
  createGoodputLimit: [{ name: 'a' }, 'name'],
  createCache: [{ name: 'a' }, 'name'],
  createSessions: [{ name: 'a' }, 'name'],
  createChaos: [{ faults: [] }, 'faults'],
  createMetrics: [{ events: createEvents() }, 'events'],
  createSketch: [{}, undefined],
}

/** Takes no options. */
const WITHOUT_OPTIONS = 'createDedupe'

const made = Object.fromEntries(
  [admission, cache, chaos, metrics, sessions].flatMap((entry) =>
    Object.entries(entry).filter(([name]) => name.startsWith('create')),
  ),
) as Readonly<Record<string, Factory>>

/** What it is that a factory makes, as options and errors call it. */
function ownerOf(factory: string): string {
  const word = factory.slice('create'.length)
  return word.charAt(0).toLowerCase() + word.slice(1)
}

function messageOf(factory: string, options: unknown): string {
  try {
    made[factory]?.(options)
  } catch (error) {
    expect(HoldfastError.isInstance(error) && error.code, String(error)).toBe('INVALID_OPTION')
    return (error as HoldfastError).message
  }
  return expect.unreachable(`${factory} took ${JSON.stringify(options)}`)
}

describe('every factory', () => {
  it('is in this table', () => {
    expect(Object.keys(made).sort()).toEqual([...Object.keys(FACTORIES), WITHOUT_OPTIONS].sort())
  })

  describe.each(Object.entries(FACTORIES))('%s', (factory, [least, needed]) => {
    const owner = ownerOf(factory)

    it('takes the least there is', () => {
      expect(() => made[factory]?.(least)).not.toThrow()
    })

    it('names what it makes in the error for what is missing', () => {
      if (needed === undefined) expect(() => made[factory]?.({})).not.toThrow()
      else expect(messageOf(factory, {})).toMatch(new RegExp(`^${owner}\\.${needed} must be .*, but is undefined$`))
    })

    it('names it in the error for an option that there is not', () => {
      expect(messageOf(factory, { ...least, surprise: 1 })).toMatch(new RegExp(`^${owner}\\.surprise is not an option`))
    })

    it.each([[null], [7], ['all']])('names it in the error for %j in place of options', (options) => {
      expect(messageOf(factory, options)).toMatch(new RegExp(`^${owner} must be an object of options, but is `))
    })

    it('names it in the error for every option that is wrong; undefined counts as left out', () => {
      const [, options = ''] = /the options are ([\w, ]+)$/.exec(messageOf(factory, { ...least, surprise: 1 })) ?? []
      const names = options.split(', ')
      expect(names).toEqual(expect.arrayContaining(Object.keys(least)))
      for (const name of names) {
        const leftOut = () => made[factory]?.({ ...least, ...(name in least ? {} : { [name]: undefined }) })
        expect(leftOut, `${name} left undefined`).not.toThrow()
        const message = messageOf(factory, { ...least, [name]: Symbol('nothing') })
        expect(message).toMatch(new RegExp(`^${owner}\\.${name} must be `))
      }
    })
  })
})

describe('what is made', () => {
  it('names what is wrong in the errors of its own methods', async () => {
    const capacity = admission.createCapacity({ name: 'a' })
    const bulkhead = admission.createBulkhead({ name: 'a' })
    const store = sessions.createSessions<number>({ name: 'a' })
    const quotes = cache.createCache<number>({ name: 'a' })
    for (const [wrong, begins] of [
      [() => capacity.set(2), 'capacity.share must be'],
      [() => bulkhead.resize(-1), 'bulkhead.maxConcurrent must be'],
      [() => store.create('a', 1, { idleMs: 0 }), 'session.idleMs must be'],
      [() => quotes.set('a', 1, { freshMs: -1 }), 'call.freshMs must be'],
      [() => quotes.set('a', 1, { tenant: 1 as never }), 'call.tenant must be'],
    ] as const) {
      expect(wrong).toThrow(begins)
    }
    const call = cache.createDedupe().run('a', () => 1, { tenant: 1 as never })
    await expect(call).rejects.toThrow('call.tenant must be')
  })

  it('names a kind of data or a fault that is wrong', () => {
    for (const [types, begins] of [
      [{ fixing: null }, 'cache.types.fixing must be an object of options, but is null'],
      [{ fixing: { freshMs: -1 } }, 'cache.types.fixing.freshMs must be'],
      [{ fixing: { freshms: 1 } }, 'cache.types.fixing.freshms is not an option'],
    ] as const) {
      expect(messageOf('createCache', { name: 'a', types }).startsWith(begins), begins).toBe(true)
    }
    expect(messageOf('createChaos', { faults: [null] })).toMatch(/^chaos\.faults\[0\] must be an object/)
  })
})
