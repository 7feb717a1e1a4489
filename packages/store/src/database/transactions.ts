import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@holdfast/core'
import type { Bulkhead } from '@holdfast/core/admission'
import type { Transaction } from 'kysely'
import { beginAs, type Identity, type ServerLimits } from './claims.ts'
import { databaseError } from './classify.ts'
import type { Connection, Engine } from './engine/engine.ts'
import { closed, notAwaited, rolledBack } from './errors.ts'
import { Limit } from './limit.ts'
import type { Schema } from './schema.ts'
import { handleOf, Session } from './session.ts'

export type Work<T> = (transaction: Transaction<Schema>) => Promise<T>

/** What the function of a transaction threw, which is no error of the database unless it says so. */
export class FromWork extends Error {
  readonly error: unknown
  /** The first statement that failed, if one did. */
  readonly failure: unknown

  constructor(error: unknown, failure: unknown) {
    super('the function of a transaction threw')
    this.error = error
    this.failure = failure
  }
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly deadlineMs: number
  /** Of the transaction, such as `isolation level repeatable read read only`. */
  readonly mode?: string
}

/** The only way to a connection: somebody's transaction, which ends with its function. */
export class Transactions {
  readonly #engine: Engine
  readonly #slots: Bulkhead
  readonly #clock: Clock
  readonly #name: string
  readonly #noticesHangUp: boolean
  readonly #running = new Map<Limit, Promise<unknown>>()
  #open = true

  constructor(engine: Engine, slots: Bulkhead, clock: Clock, name: string, noticesHangUp: boolean) {
    this.#engine = engine
    this.#noticesHangUp = noticesHangUp
    this.#slots = slots
    this.#clock = clock
    this.#name = name
  }

  /** @throws FromWork what the function threw */
  async run<T>(identity: Identity, work: Work<T>, options: RunOptions): Promise<T> {
    options.signal?.throwIfAborted()
    if (!this.#open) throw closed()
    const limit = new Limit(this.#clock, options.deadlineMs, options.signal)
    const whole = this.#admitted(identity, work, limit, options.mode)
    this.#running.set(limit, whole)
    void whole.catch(() => undefined).finally(() => this.#running.delete(limit))
    try {
      return await limit.race(whole)
    } finally {
      limit.done()
    }
  }

  /** Lets in nobody any more, waits for those who are in, and after a time sends them away. */
  async close(graceMs: number): Promise<void> {
    this.#open = false
    const all = Promise.allSettled(this.#running.values())
    const patience = new AbortController()
    await Promise.race([all, this.#clock.sleep(graceMs, patience.signal).catch(() => undefined)])
    patience.abort()
    for (const limit of this.#running.keys()) limit.end(closed())
    await all
  }

  /** Goes on to its end also when nobody waits for it any more: a slot is taken as long as there is work behind it. */
  async #admitted<T>(identity: Identity, work: Work<T>, limit: Limit, mode: string | undefined): Promise<T> {
    const permit = await this.#slots.acquire({
      signal: limit.signal,
      ...(identity.tenant && { caller: identity.tenant }),
    })
    if (!permit.admitted) throw permit.error
    try {
      return await this.#connected(identity, work, limit, mode)
    } finally {
      permit.settle('ignored')
    }
  }

  async #connected<T>(identity: Identity, work: Work<T>, limit: Limit, mode: string | undefined): Promise<T> {
    const connection = await this.#engine.connect().catch((error: unknown) => {
      throw databaseError(error, 'connect', this.#name)
    })
    const session = new Session(connection, this.#name)
    let underWay: Promise<unknown> | undefined
    try {
      limit.signal.throwIfAborted()
      underWay = this.#send(connection, beginAs(identity, this.#limits(limit), mode), 'connect')
      await limit.race(underWay)
      underWay = undefined
      const result = await limit.race(callWork(session, work))
      session.end('its function has ended')
      // A query that nobody waits for may take a few turns to come here.
      if (session.underWay === 0) await setImmediate()
      if (session.underWay > 0 || session.late) throw notAwaited()
      limit.commits = true
      const commit = this.#send(connection, 'commit', 'commit')
      underWay = commit
      const command = await limit.race(commit)
      if (command === 'ROLLBACK') throw rolledBack(session.failure)
      connection.release()
      return result
    } catch (error) {
      session.end(limit.signal.aborted ? 'nobody waits for it any more' : 'its function has failed')
      await giveUp(connection, session, limit.signal.aborted ? underWay : undefined)
      throw error
    }
  }

  #limits(limit: Limit): ServerLimits | undefined {
    if (!this.#engine.hasTimeouts) return undefined
    return { statementMs: limit.leftMs, noticesHangUp: this.#noticesHangUp }
  }

  /** @returns what the last statement says it did */
  async #send(connection: Connection, text: string, phase: 'connect' | 'commit'): Promise<string | undefined> {
    try {
      return (await connection.script(text)).at(-1)?.command
    } catch (error) {
      throw databaseError(error, phase, this.#name)
    }
  }
}

async function callWork<T>(session: Session, work: Work<T>): Promise<T> {
  try {
    return await work(handleOf(session))
  } catch (error) {
    if (error === undefined || error !== session.failure) throw new FromWork(error, session.failure)
    throw error
  }
}

/** Ends what was begun and gives the connection back; one that is busy, or does not roll back, is given up. */
async function giveUp(connection: Connection, session: Session, underWay: Promise<unknown> | undefined): Promise<void> {
  const busy = underWay ?? (session.underWay > 0 ? session.last : undefined)
  if (busy !== undefined) return connection.discard(busy).catch(() => undefined)
  try {
    await connection.script('rollback')
  } catch {
    return connection.discard(Promise.resolve()).catch(() => undefined)
  }
  connection.release()
}
