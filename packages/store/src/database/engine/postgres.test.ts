import { HoldfastError } from '@holdfast/core'
import type { PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import { rejection } from '../../../test/open.ts'
import type { Session } from './engine.ts'
import { transact } from './postgres.ts'

/** A server that does nothing, and notes what it was told. */
class Scripted {
  readonly log: string[] = []
  /** What a statement that begins so ends with, in place of nothing. */
  readonly outcomes = new Map<string, () => unknown>()

  readonly server = {
    pool: { connect: () => this.#connect() } as never,
    cancel: async () => void this.log.push('cancel'),
  }

  async #connect(): Promise<PoolClient> {
    await this.outcomes.get('connect')?.()
    return {
      on: () => undefined,
      removeListener: () => undefined,
      query: (query: string | { readonly text: string }) => this.#query(typeof query === 'string' ? query : query.text),
      release: (destroys?: boolean) => void this.log.push(destroys === true ? 'destroy' : 'release'),
    } as unknown as PoolClient
  }

  async #query(text: string): Promise<object> {
    const command = /^\w+/.exec(text)?.[0] ?? ''
    this.log.push(command)
    await Promise.resolve()
    const outcome = await this.outcomes.get(command)?.()
    return { rows: [], rowCount: 0, command: typeof outcome === 'string' ? outcome : command.toUpperCase() }
  }
}

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error('from the database'), { code })
  }
}

const hanging = (): Promise<never> => new Promise(() => undefined)
const select = (session: Session): Promise<unknown> => session.query('select 1')

const run = (
  scripted: Scripted,
  signal: AbortSignal = new AbortController().signal,
  work: (session: Session) => Promise<unknown> = select,
): Promise<unknown> => transact(scripted.server, { opening: 'set local x = 1', work, signal })

/** So that what hangs does. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const TOO_LONG = new HoldfastError({
  code: 'STORE_TIMEOUT',
  category: 'timeout',
  message: 'too long',
  retryable: false,
})

describe('a transaction on a server', () => {
  it('takes two ways there and back besides what follows its first query', async () => {
    const scripted = new Scripted()
    let atFirst: readonly string[] = []
    await run(scripted, undefined, async (session) => {
      const first = session.query('select 1')
      atFirst = [...scripted.log]
      await first
    })
    expect(atFirst).toEqual(['begin', 'select'])
    expect(scripted.log).toEqual(['begin', 'select', 'commit', 'release'])
  })

  it('does not commit what did not begin, also where nothing was asked for', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('begin', failing('42501'))
    const nothing = (): Promise<void> => Promise.resolve()
    expect(await rejection(run(scripted, undefined, nothing))).toMatchObject({ code: 'NOT_ALLOWED' })
    expect(scripted.log).toEqual(['begin', 'rollback', 'release'])
  })

  it('says what it could not begin with, and not what was refused after that', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('begin', failing('57P01'))
    scripted.outcomes.set('select', failing('25P02'))
    expect(await rejection(run(scripted))).toMatchObject({ code: 'STORE_UNREACHABLE', mayHaveTakenEffect: false })
    expect(scripted.log).not.toContain('commit')
  })

  it.each([
    ['ECONNREFUSED', 'network'],
    ['53300', 'overloaded'],
    ['57P03', 'network'],
    ['28P01', 'auth'],
    ['3D000', 'configuration'],
  ])('that gets no connection (%s) is told, and nothing has happened', async (code, category) => {
    const scripted = new Scripted()
    scripted.outcomes.set('connect', failing(code))
    expect(await rejection(run(scripted))).toMatchObject({ category, mayHaveTakenEffect: false })
    expect(scripted.log).toEqual([])
  })

  it.each([
    ['57P01', 'network'],
    ['ECONNRESET', 'network'],
    ['40001', 'overloaded'],
    ['57014', 'timeout'],
    ['XX000', 'server'],
    ['23505', 'client'],
  ])('whose statement fails (%s) is rolled back: nothing has happened', async (code, category) => {
    const scripted = new Scripted()
    scripted.outcomes.set('select', failing(code))
    expect(await rejection(run(scripted))).toMatchObject({ category, mayHaveTakenEffect: false })
    expect(scripted.log).toEqual(['begin', 'select', 'rollback', 'release'])
  })

  it('whose commit is cut off may have happened, and its connection is given up', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('commit', failing('ECONNRESET'))
    scripted.outcomes.set('rollback', failing('ECONNRESET'))
    expect(await rejection(run(scripted))).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(scripted.log).toEqual(['begin', 'select', 'commit', 'rollback', 'destroy'])
  })

  it('whose commit gives way to others has not happened', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('commit', failing('40001'))
    expect(await rejection(run(scripted))).toMatchObject({ code: 'TRANSACTION_CONFLICT', mayHaveTakenEffect: false })
  })

  it('whose commit turns out to be a rollback says so', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('commit', () => 'ROLLBACK')
    expect(await rejection(run(scripted))).toMatchObject({ code: 'TRANSACTION_FAILED', mayHaveTakenEffect: false })
  })

  it('whose commit is not answered in its time may have happened', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('commit', hanging)
    const limit = new AbortController()
    const ended = rejection(run(scripted, limit.signal))
    while (!scripted.log.includes('commit')) await settle()
    limit.abort(TOO_LONG)
    expect(await ended).toMatchObject({ code: 'COMMIT_UNKNOWN', category: 'timeout', mayHaveTakenEffect: true })
    await settle()
    expect(scripted.log.slice(2)).toEqual(['commit', 'destroy'])
  })

  it.each(['begin', 'select'])('whose %s hangs ends with its time; that is cancelled', async (command) => {
    const scripted = new Scripted()
    scripted.outcomes.set(command, hanging)
    const limit = new AbortController()
    const ended = rejection(run(scripted, limit.signal))
    await settle()
    limit.abort(TOO_LONG)
    expect(await ended).toBe(TOO_LONG)
    await settle()
    expect(scripted.log.slice(2)).toEqual(['cancel', 'destroy'])
  })

  it('whose function hangs ends with its time, and there is nothing to cancel', async () => {
    const scripted = new Scripted()
    const limit = new AbortController()
    const ended = rejection(run(scripted, limit.signal, hanging))
    await settle()
    limit.abort(TOO_LONG)
    expect(await ended).toBe(TOO_LONG)
    await settle()
    expect(scripted.log).toEqual(['begin', 'destroy'])
  })

  it('whose rollback hangs ends with its time, with what had failed', async () => {
    const scripted = new Scripted()
    scripted.outcomes.set('select', failing('23505'))
    scripted.outcomes.set('rollback', hanging)
    const limit = new AbortController()
    const ended = rejection(run(scripted, limit.signal))
    await settle()
    limit.abort(TOO_LONG)
    expect(await ended).toBe(TOO_LONG)
    await settle()
    expect(scripted.log.at(-1)).toBe('destroy')
  })

  it('gives back a connection that comes when its caller has gone', async () => {
    const scripted = new Scripted()
    const { promise, resolve } = Promise.withResolvers<void>()
    scripted.outcomes.set('connect', () => promise)
    const limit = new AbortController()
    const ended = rejection(run(scripted, limit.signal))
    limit.abort(TOO_LONG)
    expect(await ended).toBe(TOO_LONG)
    resolve()
    await settle()
    expect(scripted.log).toEqual(['release'])
  })
})
