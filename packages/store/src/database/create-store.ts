import { HoldfastError } from '@holdfast/core'
import type { Bulkhead } from '@holdfast/core/admission'
import { sql } from 'kysely'
import { isKey, ownerOfKey } from './api-keys.ts'
import { writeBackup } from './backup/backup.ts'
import { isFailureOfDatabase } from './classify.ts'
import { BACKUP, type Identity, identityOf, NOBODY, workerFor } from './claims.ts'
import type { Engine } from './engine/engine.ts'
import { MIGRATIONS } from './migrations/migrations.ts'
import { checkBackupRole, emit, type Facts, transactionsOn } from './opening.ts'
import { checkDeadline, type StoreSettings } from './options.ts'
import type { Store, StoreStatus, TransactionOptions } from './store.ts'
import { FromWork, type RunOptions, type Transactions, type Work } from './transactions.ts'

/** A backup or a restoration has more to do than a request. */
export const BACKUP_DEADLINE_MS = 3_600_000

class OpenStore implements Store {
  readonly #engine: Engine
  readonly #settings: StoreSettings
  readonly #facts: Facts
  readonly #transactions: Transactions
  readonly #slots: Bulkhead
  #state: StoreStatus['state'] = 'open'
  #closing: Promise<void> | undefined

  constructor(engine: Engine, settings: StoreSettings, facts: Facts) {
    this.#engine = engine
    this.#settings = settings
    this.#facts = facts
    const { transactions, slots } = transactionsOn(engine, settings, facts.noticesHangUp)
    this.#transactions = transactions
    this.#slots = slots
  }

  withClaims: Store['withClaims'] = async (claims, work, options) => this.#run(identityOf(claims), work, options)

  asWorker: Store['asWorker'] = async (tenant, work, options) => this.#run(workerFor(tenant), work, options)

  findApiKey: Store['findApiKey'] = async (key, options) =>
    isKey(key) ? this.#run(NOBODY, (transaction) => ownerOfKey(transaction, key), options) : undefined

  check: Store['check'] = async (options) =>
    this.#run(NOBODY, async (transaction) => void (await sql`select 1`.execute(transaction)), options)

  backup: Store['backup'] = async (file, options = {}) => {
    checkDeadline(options.deadlineMs)
    await checkBackupRole(this.#engine)
    const at = new Date(this.#settings.clock.wallTime())
    const mode = 'isolation level repeatable read read only'
    const { deadlineMs = BACKUP_DEADLINE_MS, signal } = options
    return this.#unwrapped(BACKUP, (transaction) => writeBackup(transaction, file, at), { deadlineMs, signal, mode })
  }

  status(): StoreStatus {
    const { kind, where, size } = this.#engine
    return Object.freeze({
      state: this.#state,
      engine: kind,
      where,
      version: this.#facts.version,
      migrations: MIGRATIONS.map(({ id }) => id),
      warnings: this.#facts.warnings,
      running: this.#slots.running,
      waiting: this.#slots.queued,
      poolSize: size,
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    await this.#transactions.close(this.#settings.closeGraceMs)
    await this.#engine.close()
    this.#state = 'closed'
    emit(this.#settings, this.#engine.where, { type: 'store-closed' })
  }

  async #run<T>(identity: Identity, work: Work<T>, options: TransactionOptions = {}): Promise<T> {
    checkDeadline(options.deadlineMs)
    const { integration } = this.#settings
    const { signal, deadlineMs = this.#settings.deadlineMs } = options
    if (integration === undefined) return this.#unwrapped(identity, work, { signal, deadlineMs })
    // What the function threw is nothing that the integration should judge; what the database failed with is.
    let held: { readonly by: unknown; readonly error: unknown } | undefined
    try {
      const outcome = await integration.call<{ readonly value: T } | { readonly threw: unknown }>(
        async (attempt) => {
          try {
            return { value: await this.#transactions.run(identity, work, { signal: attempt.signal, deadlineMs }) }
          } catch (error) {
            if (!(error instanceof FromWork)) throw error
            const { failure } = error
            if (!HoldfastError.isInstance(failure) || !isFailureOfDatabase(failure)) return { threw: error.error }
            held = { by: failure, error: error.error }
            throw failure
          }
        },
        { signal, deadlineMs, tenant: identity.tenant },
      )
      if ('threw' in outcome) throw new FromWork(outcome.threw, undefined)
      return outcome.value
    } catch (error) {
      if (error instanceof FromWork) throw error.error
      throw held !== undefined && held.by === error ? held.error : error
    }
  }

  async #unwrapped<T>(identity: Identity, work: Work<T>, options: RunOptions): Promise<T> {
    try {
      return await this.#transactions.run(identity, work, options)
    } catch (error) {
      throw error instanceof FromWork ? error.error : error
    }
  }
}

/** A store on a database that is open and up to date. */
export function createStore(engine: Engine, settings: StoreSettings, facts: Facts): Store {
  return new OpenStore(engine, settings, facts)
}
