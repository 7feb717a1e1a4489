import { createIntegration, HoldfastError } from '@holdfast/core'
import { type FakeClock, fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { rejection } from '../../test/open.ts'
import { createStore } from './create-store.ts'
import type { Connection, Engine, Rows } from './engine/engine.ts'
import { sql, type Store, type StoreOptions } from './index.ts'
import { settingsOf } from './options.ts'

const ANN = { tenant: 'acme', user: 'ann' }

/** A database that does nothing, and notes what it was told. */
class Scripted implements Engine {
  readonly kind = 'postgres'
  readonly where = 'nowhere'
  readonly hasTimeouts = true
  readonly size: number
  readonly log: string[] = []
  /** What a statement that begins so ends with, in place of nothing. */
  readonly outcomes = new Map<string, () => unknown>()

  constructor(size = 2) {
    this.size = size
  }

  async connect(): Promise<Connection> {
    await this.#outcome('connect')
    return {
      query: (text) => this.#perform(text),
      script: async (text) => [await this.#perform(text)],
      release: () => void this.log.push('release'),
      discard: async () => void this.log.push('discard'),
    }
  }

  close = async (): Promise<void> => void this.log.push('close')

  async #perform(text: string): Promise<Rows> {
    const command = /^\w+/.exec(text)?.[0] ?? ''
    this.log.push(command)
    const told = await this.#outcome(command)
    return { rows: [], command: typeof told === 'string' ? told : command.toUpperCase(), affected: undefined }
  }

  async #outcome(command: string): Promise<unknown> {
    return this.outcomes.get(command)?.()
  }
}

interface Opened {
  readonly store: Store
  readonly engine: Scripted
  readonly clock: FakeClock
}

function open(options: Partial<StoreOptions> = {}, engine: Scripted = new Scripted()): Opened {
  const clock = fakeClock()
  const settings = settingsOf({ memory: true, clock, ...options })
  return { store: createStore(engine, settings, { version: '18', warnings: [], noticesHangUp: true }), engine, clock }
}

function failing(details: object): () => never {
  return () => {
    throw Object.assign(new Error('from the database'), { name: 'error', severity: 'ERROR' }, details)
  }
}

const select = (store: Store): Promise<unknown> => store.withClaims(ANN, (tx) => sql`select 1`.execute(tx))

describe('a transaction', () => {
  it('takes two round trips besides its own queries', async () => {
    const { store, engine } = open()
    await select(store)
    expect(engine.log).toEqual(['begin', 'select', 'commit', 'release'])
  })

  it.each([
    ['ECONNREFUSED', 'CONNECTION_REFUSED', 'network'],
    ['53300', 'NOT_READY', 'overloaded'],
    ['57P03', 'NOT_READY', 'overloaded'],
    ['28P01', 'NOT_AUTHORISED', 'auth'],
    ['3D000', 'NOT_CONFIGURED', 'configuration'],
  ])('that gets no connection (%s) is told, and nothing has happened', async (code, ours, category) => {
    const { store, engine } = open()
    engine.outcomes.set('connect', failing({ code, syscall: 'connect' }))
    expect(await rejection(select(store))).toMatchObject({ code: ours, category, mayHaveTakenEffect: false })
    expect(store.status().running).toBe(0)
  })

  it.each([
    ['57P01', 'CONNECTION_LOST', 'network'],
    ['ECONNRESET', 'CONNECTION_LOST', 'network'],
    ['40001', 'CONFLICT', 'server'],
    ['40P01', 'CONFLICT', 'server'],
    ['57014', 'SERVICE_TIMEOUT', 'timeout'],
    ['XX000', 'SERVICE_ERROR', 'server'],
  ])('whose statement fails (%s) is rolled back: nothing has happened', async (code, ours, category) => {
    const { store, engine } = open()
    engine.outcomes.set('select', failing({ code }))
    expect(await rejection(select(store))).toMatchObject({
      code: ours,
      category,
      retryable: true,
      mayHaveTakenEffect: false,
    })
    expect(engine.log).toEqual(['begin', 'select', 'rollback', 'release'])
  })

  it('whose commit is cut off may have happened, and its connection is given up', async () => {
    const { store, engine } = open()
    engine.outcomes.set('commit', failing({ code: 'ECONNRESET' }))
    engine.outcomes.set('rollback', failing({ code: 'ECONNRESET' }))
    expect(await rejection(select(store))).toMatchObject({ code: 'CONNECTION_LOST', mayHaveTakenEffect: true })
    expect(engine.log).toEqual(['begin', 'select', 'commit', 'rollback', 'discard'])
    expect(store.status().running).toBe(0)
  })

  it('whose commit gives way to other work has not happened', async () => {
    const { store, engine } = open()
    engine.outcomes.set('commit', failing({ code: '40001' }))
    expect(await rejection(select(store))).toMatchObject({ code: 'CONFLICT', mayHaveTakenEffect: false })
  })

  it('whose commit turns out to be a rollback says so', async () => {
    const { store, engine } = open()
    engine.outcomes.set('commit', () => 'ROLLBACK')
    expect(await rejection(select(store))).toMatchObject({ code: 'STORE_ROLLED_BACK', mayHaveTakenEffect: false })
  })

  it('whose commit hangs ends at its deadline, and nobody knows', async () => {
    const { store, engine, clock } = open()
    engine.outcomes.set('commit', () => new Promise(() => undefined))
    const ended = rejection(select(store))
    while (!engine.log.includes('commit')) await clock.settle()
    await clock.advance(10_000)
    expect(await ended).toMatchObject({ code: 'STORE_COMMIT_UNKNOWN', category: 'timeout', mayHaveTakenEffect: true })
    await clock.settle()
    expect(engine.log.at(-1)).toBe('discard')
    expect(store.status().running).toBe(0)
  })

  it.each(['begin', 'select'])(
    'whose %s hangs ends at its deadline, and its connection is given up',
    async (command) => {
      const { store, engine, clock } = open()
      engine.outcomes.set(command, () => new Promise(() => undefined))
      const ended = rejection(select(store))
      await clock.advance(10_000)
      expect(await ended).toMatchObject({ code: 'STORE_DEADLINE', mayHaveTakenEffect: false })
      await clock.settle()
      expect(engine.log.at(-1)).toBe('discard')
      expect([store.status().running, clock.pending]).toEqual([0, 0])
    },
  )

  it('that waits too long for a connection is told, and its place in the queue is free', async () => {
    const { store, engine, clock } = open({ maxWaiting: 1 })
    engine.outcomes.set('connect', () => new Promise(() => undefined))
    const all = Array.from({ length: 4 }, () => rejection(select(store)))
    await clock.settle()
    expect(store.status()).toMatchObject({ running: 2, waiting: 1 })
    expect(await all[3]).toMatchObject({ category: 'rejected', mayHaveTakenEffect: false })
    await clock.advance(10_000)
    for (const ended of await Promise.all(all.slice(0, 3))) expect(ended).toMatchObject({ code: 'STORE_DEADLINE' })
    expect(store.status().waiting).toBe(0)
  })

  it('gives each tenant a fair share of the connections', async () => {
    const { store, clock } = open({}, new Scripted(1))
    let letGo: (() => void) | undefined
    const first = store.withClaims(ANN, () => new Promise<void>((resolve) => (letGo = resolve)))
    await clock.settle()
    const order: string[] = []
    const run = (tenant: string): Promise<unknown> =>
      store.withClaims({ tenant, user: 'x' }, async () => order.push(tenant))
    const all = [run('loud'), run('loud'), run('loud'), run('quiet')]
    letGo?.()
    await Promise.all([first, ...all])
    expect(order.indexOf('quiet')).toBeLessThan(2)
  })
})

describe('closing', () => {
  it('lets nothing new in, waits for what is under way, and comes to an end once', async () => {
    const { store, engine, clock } = open()
    let letGo: (() => void) | undefined
    const under = store.withClaims(ANN, () => new Promise<void>((resolve) => (letGo = resolve)))
    await clock.settle()
    const closing = [store.close(), store.close()]
    expect(store.status().state).toBe('closing')
    expect(await rejection(select(store))).toMatchObject({ code: 'STORE_CLOSED', category: 'rejected' })
    letGo?.()
    await Promise.all([under, ...closing])
    expect(engine.log.filter((entry) => entry === 'close')).toHaveLength(1)
    expect([store.status().state, clock.pending]).toEqual(['closed', 0])
  })

  it('rolls back what is still under way after a time', async () => {
    const { store, engine, clock } = open({ closeGraceMs: 3_000 })
    const under = rejection(store.withClaims(ANN, () => new Promise<void>(() => undefined)))
    await clock.settle()
    const closing = store.close()
    await clock.advance(3_000)
    expect(await under).toMatchObject({ code: 'STORE_CLOSED' })
    await closing
    expect(engine.log).toEqual(['begin', 'rollback', 'release', 'close'])
  })
})

describe('a store behind an integration', () => {
  const guarded = (): Opened & { readonly integration: ReturnType<typeof createIntegration> } => {
    const clock = fakeClock()
    const integration = createIntegration({
      name: 'database',
      kind: 'database',
      clock,
      random: () => 0.5,
      retry: { maxRetries: 2 },
      breaker: { minimumCalls: 3, failureRatio: 0.5 },
    })
    return { ...open({ clock, integration }), clock, integration }
  }

  it('does a transaction again that was certainly rolled back', async () => {
    const { store, engine, clock } = guarded()
    let failures = 1
    engine.outcomes.set('select', () => (failures-- > 0 ? failing({ code: '40001' })() : undefined))
    const ended = select(store)
    await clock.advance(10_000)
    await ended
    expect(engine.log.filter((entry) => entry === 'commit')).toHaveLength(1)
    expect(engine.log.filter((entry) => entry === 'begin')).toHaveLength(2)
  })

  it('does none again whose commit may have been made', async () => {
    const { store, engine, clock } = guarded()
    engine.outcomes.set('commit', failing({ code: 'ECONNRESET' }))
    const ended = rejection(select(store))
    await clock.advance(20_000)
    expect(await ended).toMatchObject({ code: 'CONNECTION_LOST', integration: 'database' })
    expect(engine.log.filter((entry) => entry === 'begin')).toHaveLength(1)
  })

  it('counts what the database fails with, and refuses at once while its circuit is open', async () => {
    const { store, engine, clock, integration } = guarded()
    engine.outcomes.set('connect', failing({ code: 'ECONNREFUSED', syscall: 'connect' }))
    for (let call = 0; call < 4; call += 1) {
      const ended = rejection(select(store))
      await clock.advance(20_000)
      expect(HoldfastError.isInstance(await ended)).toBe(true)
      if (integration.circuit.state === 'open') break
    }
    expect(integration.snapshot().totals.failed).toBeGreaterThan(0)
    integration.circuit.isolate()
    expect(await rejection(select(store))).toMatchObject({ category: 'rejected' })
  })

  it('takes what its function throws, and what it asks wrongly, for nothing against the database', async () => {
    const { store, engine, integration } = guarded()
    const mine = new HoldfastError({
      code: 'CRM_DOWN',
      category: 'network',
      message: 'm',
      retryable: true,
      mayHaveTakenEffect: false,
    })
    for (let call = 0; call < 5; call += 1) {
      expect(await rejection(store.withClaims(ANN, () => Promise.reject(mine)))).toBe(mine)
      expect(await rejection(store.withClaims(ANN, () => Promise.reject(new TypeError('bug'))))).toBeInstanceOf(
        TypeError,
      )
    }
    engine.outcomes.set('select', failing({ code: '23505', constraint: 'users_email', detail: 'Key (email)=(a@b.c)' }))
    const duplicate = await rejection(select(store))
    expect(duplicate).toMatchObject({
      code: 'STORE_DUPLICATE',
      message: 'database has such a row already (users_email)',
    })
    expect(integration.snapshot()).toMatchObject({ circuit: 'closed', window: { failures: 0 } })
    expect(engine.log.filter((entry) => entry === 'begin')).toHaveLength(11)
  })

  it('counts a failure of the database also where its function tells it in words of its own', async () => {
    const { store, engine, clock, integration } = guarded()
    engine.outcomes.set('select', failing({ code: 'XX000' }))
    const own = new Error('could not save')
    const ended = rejection(
      store.withClaims(ANN, async (tx) => {
        await sql`select 1`.execute(tx).catch(() => {
          throw own
        })
      }),
    )
    await clock.advance(20_000)
    expect(await ended).toBe(own)
    expect(integration.snapshot()).toMatchObject({ totals: { failed: 1 }, lastError: { code: 'SERVICE_ERROR' } })
  })

  it('honours an abort with its reason', async () => {
    const { store } = guarded()
    const controller = new AbortController()
    const ended = rejection(
      store.withClaims(ANN, () => new Promise<void>(() => controller.abort('left')), { signal: controller.signal }),
    )
    expect(await ended).toBe('left')
  })
})
