import { describe, expect, it } from 'vitest'
import { settingsOf, type StoreOptions } from './options.ts'

describe('the options of a store', () => {
  it.each<[unknown, string]>([
    [undefined, 'store must be an object'],
    [{}, 'exactly one of directory, url, memory'],
    [{ memory: true, directory: 'x' }, 'exactly one of'],
    [{ memory: 'yes' }, 'store.memory must be true or false'],
    [{ directory: '' }, 'store.directory must be the path'],
    [{ directory: 'a\0b' }, 'store.directory must be the path'],
    [{ memory: true, pool: 3 }, 'store.pool is not an option'],
    [{ memory: true, poolSize: 0 }, 'store.poolSize must be a whole number from 1 to 1,000, but is 0'],
    [{ memory: true, deadlineMs: Number.NaN }, 'store.deadlineMs must be a whole number'],
    [{ memory: true, migrate: 1 }, 'store.migrate must be true or false'],
    [{ memory: true, migrationUrl: 'postgresql://h/d' }, 'goes with store.url only'],
    [{ memory: true, integration: {} }, 'store.integration must be an object with call'],
    [{ url: 'mysql://u:secret@h/d' }, 'store.url must be a URL such as'],
    [{ url: 'postgresql://u:secret@h' }, 'store.url must be a URL such as'],
    [{ url: 'postgresql://u:secret@h/d', migrationUrl: 'nonsense secret' }, 'store.migrationUrl must be a URL'],
  ])('that cannot be used are refused, without what may be secret in them: %j', (options, says) => {
    let error: unknown
    try {
      settingsOf(options as StoreOptions)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(says) })
    expect(String(error)).not.toContain('secret@')
    expect((error as Error).cause).toBeUndefined()
  })

  it('take zero for a value', () => {
    expect(settingsOf({ memory: true, maxWaiting: 0, closeGraceMs: 0 })).toMatchObject({
      maxWaiting: 0,
      closeGraceMs: 0,
    })
  })
})
