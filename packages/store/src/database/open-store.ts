import { createHash } from 'node:crypto'
import { createIntegration, HoldfastError } from '@holdfast/core'
import type { AttemptContext, Integration } from '@holdfast/core'
import { backUp } from './backup/back-up.ts'
import { restore } from './backup/restore.ts'
import { checkClaims, checkTenant, openingFor } from './claims.ts'
import type { DatabaseRole } from './claims.ts'
import type { Engine, Session } from './engine/engine.ts'
import { openPglite } from './engine/pglite.ts'
import { openPostgres } from './engine/postgres.ts'
import { isOutage } from './failures.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { Readiness } from './readiness.ts'
import { settingsOf } from './options.ts'
import type { StoreOptions, StoreSettings } from './options.ts'
import { AppendedTopics, readTopic } from './signs.ts'
import type { Signs } from './signs.ts'
import { transactionOver } from './session-dialect.ts'
import type { Transaction } from './session-dialect.ts'
import type { FoundApiKey, Store, TransactionOptions } from './store.ts'
import { warningsOf } from './warnings.ts'

/** The channel on which new events are told. */
const CHANNEL = 'holdfast_events'

/** The integration's own limits stand behind those of a transaction, by so much, in ms. */
const MARGIN_MS = 1_000

/**
 * Opens a store, and brings its schema up to date. Where a server cannot be reached now, the store is open all the same: each use tries again, and fails as long as it is away.
 *
 * @throws HoldfastError `INVALID_OPTION`; `STORE_LOCKED` when another process has the directory; `MIGRATION_CHANGED`, `STORE_TOO_NEW`, `STORE_NOT_MIGRATED`.
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const settings = settingsOf(options)
  const { url } = settings
  const engine = await (url === undefined ? openPglite(settings.directory) : openPostgres({ ...settings, url }))
  const integration =
    options.integration ??
    createIntegration({
      name: 'store',
      kind: 'database',
      deadlineMs: settings.timeoutMs * 2 + MARGIN_MS,
      attemptTimeoutMs: settings.timeoutMs + MARGIN_MS,
      ...(options.events === undefined ? {} : { events: options.events }),
    })
  const store = new OpenStore(engine, settings, integration, options.signs)
  try {
    await store.prepare()
  } catch (error) {
    if (!isOutage(error) || error.category === 'configuration' || error.category === 'auth') {
      await store.close()
      throw error
    }
  }
  return store
}

class OpenStore implements Store {
  readonly engine: 'pglite' | 'postgres'
  readonly #engine: Engine
  readonly #settings: StoreSettings
  readonly #integration: Integration
  readonly #readiness: Readiness
  readonly #signs: Signs | undefined
  /** What ends those who listen to the signs. */
  readonly #endings = new Set<() => void>()

  constructor(engine: Engine, settings: StoreSettings, integration: Integration, signs: Signs | undefined) {
    this.engine = engine.kind
    this.#engine = engine
    this.#settings = settings
    this.#integration = integration
    this.#signs = signs
    this.#readiness = new Readiness(engine, settings, (work) => this.#maintain(work))
  }

  get embedded(): Store['embedded'] {
    return this.#engine.embedded
  }

  get migrated(): Store['migrated'] {
    return this.#readiness.result
  }

  prepare(): Promise<void> {
    return this.#readiness.ready(AbortSignal.timeout(this.#settings.maintenanceTimeoutMs))
  }

  async withClaims<T>(
    claims: Parameters<Store['withClaims']>[0],
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.#run('holdfast_app', checkClaims(claims), (session) => work(transactionOver(session)), options)
  }

  async asWorker<T>(
    tenant: string,
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const claims = { tenant: checkTenant(tenant) }
    return this.#run('holdfast_worker', claims, (session) => work(transactionOver(session)), options)
  }

  async findApiKey(key: string, options: TransactionOptions = {}): Promise<FoundApiKey | undefined> {
    const hash = createHash('sha256').update(key).digest()
    const find = (session: Session): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      session.query('select * from holdfast.find_api_key($1)', [hash]).then(({ rows }) => rows)
    const [row] = await this.#run('holdfast_app', {}, find, options)
    if (row === undefined) return undefined
    const { expires_at: expiresAt, ...found } = row
    return { ...found, ...(expiresAt === null ? {} : { expiresAt }) } as FoundApiKey
  }

  async onEvents(listener: Parameters<Store['onEvents']>[0]): ReturnType<Store['onEvents']> {
    // The database tells of what others have written while no signs of theirs went out, or who have none.
    const stop = await this.#engine.listen(
      CHANNEL,
      (payload) => {
        const topic = readTopic(payload)
        if (topic !== undefined) listener(topic)
      },
      () => listener(undefined),
    )
    const end = this.#signs?.listen(listener)
    if (end === undefined) return stop
    this.#endings.add(end)
    return async () => {
      this.#endings.delete(end)
      end()
      await stop()
    }
  }

  async backup(path: string, options: TransactionOptions = {}): ReturnType<Store['backup']> {
    const signal = this.#maintenanceSignal(options)
    await this.#readiness.ready(signal)
    return this.#maintain(async (engine) => {
      // Of an engine that does one thing at a time, or everybody would wait for it.
      const copy = await engine.copy?.(signal)
      try {
        return await backUp(copy ?? engine, path, signal, this.#settings.maintenanceTimeoutMs)
      } finally {
        await copy?.close()
      }
    })
  }

  async restore(path: string, options: TransactionOptions = {}): ReturnType<Store['restore']> {
    const signal = this.#maintenanceSignal(options)
    await this.#readiness.ready(signal)
    return this.#maintain((engine) => restore(engine, path, signal, this.#settings.maintenanceTimeoutMs))
  }

  async status(): ReturnType<Store['status']> {
    const warnings = await warningsOf(this.#engine, AbortSignal.timeout(this.#settings.timeoutMs))
    return { engine: this.engine, migrations: MIGRATIONS.length, warnings, health: this.#integration.snapshot() }
  }

  async close(): Promise<void> {
    for (const end of this.#endings) end()
    this.#endings.clear()
    await this.#engine.close()
  }

  async #run<T>(
    role: DatabaseRole,
    claims: object,
    work: (session: Session) => Promise<T>,
    { signal, requestId, timeoutMs = Infinity }: TransactionOptions,
  ): Promise<T> {
    /** What the function has told of a failure of the database in words of its own. */
    let own: { readonly error: unknown } | undefined
    const attempt = async (context: AttemptContext): Promise<Outcome<T>> => {
      const outcome = await this.#attempt(role, claims, work, context, Math.min(timeoutMs, this.#settings.timeoutMs))
      if (!('outage' in outcome)) return outcome
      own = outcome.own
      throw outcome.outage
    }
    // What says nothing about the database goes by the integration as a result: it has answered.
    const outcome = await this.#integration
      .call(attempt, {
        idempotent: false,
        ...(signal === undefined ? {} : { signal }),
        ...(requestId === undefined ? {} : { requestId }),
      })
      .catch((error: unknown) => {
        throw own === undefined || signal?.aborted === true ? error : own.error
      })
    if ('failure' in outcome) throw outcome.failure
    return outcome.result
  }

  async #attempt<T>(
    role: DatabaseRole,
    claims: object,
    work: (session: Session) => Promise<T>,
    { signal, timeLeftMs }: AttemptContext,
    timeoutMs: number,
  ): Promise<Outcome<T> | Outage> {
    const limitMs = Math.min(timeoutMs, timeLeftMs)
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(tooLong(limitMs)), limitMs)
    let hasBegun = false
    /** What the function itself has rejected with, and what its statements have failed with. */
    let own: { readonly error: unknown; readonly failure: unknown } | undefined
    const signs = this.#signs?.isReady === true ? this.#signs : undefined
    const appended = new AppendedTopics()
    try {
      const either = AbortSignal.any([signal, limit.signal])
      await this.#readiness.ready(either)
      const result = await this.#engine.transaction({
        opening: openingFor(this.engine, role, claims, limitMs, signs !== undefined),
        openingFailure: asSetUp,
        work: async (session) => {
          hasBegun = true
          try {
            return await work(session)
          } catch (error) {
            own = { error, failure: session.failure }
            throw error
          }
        },
        ...(signs === undefined ? {} : { onTold: (text: string) => appended.add(text) }),
        signal: either,
      })
      if (signs !== undefined) appended.sendBy(signs)
      return { result }
    } catch (thrown) {
      // Whether it was committed nobody knows, so there may be something to see.
      if (signs !== undefined && own === undefined && mayBeCommitted(thrown)) appended.sendBy(signs)
      signal.throwIfAborted()
      if (!hasBegun) throw thrown
      if (own === undefined || limit.signal.aborted) return said(thrown)
      if (own.error === own.failure) return said(own.error)
      // Its error is of something else, or its own words for what the database failed with.
      return isOutage(own.failure) ? { outage: notAgain(own.failure), own } : { failure: own.error }
    } finally {
      clearTimeout(timer)
    }
  }

  /** With the rights to change the schema, and to see everything. */
  async #maintain<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const { migrationUrl, url, connectTimeoutMs } = this.#settings
    if (migrationUrl === undefined || migrationUrl === url) return work(this.#engine)
    const engine = await openPostgres({ url: migrationUrl, maxConnections: 1, connectTimeoutMs })
    try {
      return await work(engine)
    } finally {
      await engine.close()
    }
  }

  #maintenanceSignal({ signal, timeoutMs = this.#settings.maintenanceTimeoutMs }: TransactionOptions): AbortSignal {
    const limit = AbortSignal.timeout(timeoutMs)
    return signal === undefined ? limit : AbortSignal.any([signal, limit])
  }
}

type Outcome<T> = { readonly result: T } | { readonly failure: unknown }

interface Outage {
  readonly outage: HoldfastError
  readonly own?: { readonly error: unknown }
}

/** What became of a function that had begun: it may have done something outside, so it is not run again by us. */
function said(error: unknown): { readonly failure: unknown } | Outage {
  return isOutage(error) ? { outage: notAgain(error) } : { failure: error }
}

/** A failure of the opening: what a statement of ours is refused for is how the database is set up. */
function asSetUp(error: HoldfastError): HoldfastError {
  if (error.code !== 'NOT_ALLOWED') return error
  return new HoldfastError({
    code: 'STORE_MISCONFIGURED',
    category: 'configuration',
    message: 'The user of the database is no member of the roles holdfast_app and holdfast_worker',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function mayBeCommitted(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.mayHaveTakenEffect
}

function notAgain({ code, category, message, mayHaveTakenEffect }: HoldfastError): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect })
}

function tooLong(ms: number): HoldfastError {
  return new HoldfastError({
    code: 'STORE_TIMEOUT',
    category: 'timeout',
    message: `The transaction did not end within ${Math.round(ms)} ms, and was rolled back`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
