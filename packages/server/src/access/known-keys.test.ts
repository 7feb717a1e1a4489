import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import type { FoundApiKey } from '@holdfast/store/database'
import { describe, expect, it } from 'vitest'
import { createKnownKeys } from './known-keys.ts'

const ADA: FoundApiKey = { tenant: 'acme', id: 'a9', label: 'ada', roles: ['broker'] }
const GRACE_MS = 900_000

/** A store that can go away, or stop answering. */
function setUp() {
  const clock = fakeClock()
  const rows = new Map([['ada', ADA]])
  const asked: string[] = []
  const store = { is: 'there' as 'there' | 'away' | 'silent' }
  const reach = async (): Promise<void> => {
    if (store.is === 'silent') await new Promise(() => undefined)
    if (store.is === 'away') {
      const [code, message] = ['STORE_UNREACHABLE', 'away']
      throw new HoldfastError({ code, category: 'network', message, retryable: true, mayHaveTakenEffect: false })
    }
  }
  const known = createKnownKeys({
    clock,
    graceMs: GRACE_MS,
    store: {
      async findApiKey(key) {
        asked.push(key)
        await reach()
        return rows.get(key)
      },
      async asWorker() {
        await reach()
        return rows.delete('ada') as never
      },
    },
  })
  return { clock, rows, asked, store, known }
}

const away = { code: 'STORE_UNREACHABLE' }

describe('keys of the store', () => {
  it('are asked for once in some seconds, so that a revoked one dies soon', async () => {
    const { clock, rows, asked, known } = setUp()
    for (let time = 0; time < 3; time += 1) expect(await known.findApiKey('ada')).toBe(ADA)
    expect(asked).toEqual(['ada'])
    rows.delete('ada')
    await clock.advance(5_000)
    expect(await known.findApiKey('ada')).toBeUndefined()
  })

  it('go on while the store is away, for a while', async () => {
    const { clock, store, known } = setUp()
    await known.findApiKey('ada')
    store.is = 'away'
    await clock.advance(5_000 + GRACE_MS - 1)
    expect(await known.findApiKey('ada')).toBe(ADA)
    await clock.advance(1)
    await expect(known.findApiKey('ada')).rejects.toMatchObject(away)
    store.is = 'there'
    expect(await known.findApiKey('ada')).toBe(ADA)
  })

  it('go on while the store does not answer', async () => {
    const { clock, store, known } = setUp()
    await known.findApiKey('ada')
    store.is = 'silent'
    await clock.advance(5_000)
    const found = known.findApiKey('ada')
    await clock.advance(1_000)
    expect(await found).toBe(ADA)
  })

  it('that were revoked before the store went away do not come back', async () => {
    const { clock, rows, store, known } = setUp()
    await known.findApiKey('ada')
    rows.delete('ada')
    await clock.advance(5_000)
    expect(await known.findApiKey('ada')).toBeUndefined()
    store.is = 'away'
    await expect(known.findApiKey('ada')).rejects.toMatchObject(away)
  })

  it('that are not known are never taken, however the store is', async () => {
    const { clock, store, known } = setUp()
    expect(await known.findApiKey('eve')).toBeUndefined()
    store.is = 'away'
    await expect(known.findApiKey('eve')).rejects.toMatchObject(away)
    store.is = 'there'
    await clock.advance(1)
    expect(await known.findApiKey('eve')).toBeUndefined()
  })

  it('are not forgotten for those that somebody guesses', async () => {
    const { clock, store, known } = setUp()
    await known.findApiKey('ada')
    for (let guess = 0; guess < 12_000; guess += 1) await known.findApiKey(`guess-${guess}`)
    store.is = 'away'
    await clock.advance(5_000)
    for (let guess = 0; guess < 12_000; guess += 1) await known.findApiKey(`other-${guess}`).catch(() => undefined)
    expect(await known.findApiKey('ada')).toBe(ADA)
  })

  it.each(['there', 'away'] as const)('are ended at once where they are revoked, the store being %s', async (is) => {
    const { clock, store, known } = setUp()
    await known.findApiKey('ada')
    store.is = is
    await clock.advance(5_000)
    if (is === 'there') {
      expect(await known.revoke('acme', ADA.id.toUpperCase())).toBe(true)
      expect(await known.findApiKey('ada')).toBeUndefined()
    } else {
      expect(await known.findApiKey('ada')).toBe(ADA)
      await expect(known.revoke('acme', ADA.id)).rejects.toMatchObject(away)
      await expect(known.findApiKey('ada')).rejects.toMatchObject(away)
    }
  })

  it('end when they expire, whether or not the store is there to say so', async () => {
    const { clock, rows, store, known } = setUp()
    rows.set('ada', { ...ADA, expiresAt: new Date(clock.wallTime() + 60_000) })
    await known.findApiKey('ada')
    store.is = 'away'
    await clock.advance(59_999)
    expect(await known.findApiKey('ada')).toMatchObject({ id: ADA.id })
    await clock.advance(1)
    await expect(known.findApiKey('ada')).rejects.toMatchObject(away)
  })
})
