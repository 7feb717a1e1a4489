import { HoldfastError } from '@holdfast/core'
import type { Client, CustomTypesConfig, Pool, PoolClient, QueryConfig } from 'pg'
import { storeFailure } from '../failures.ts'
import { endingSession, untilAborted } from './ending.ts'
import type { Engine, Session, TransactionRequest } from './engine.ts'

/** How the connections to a server are held. */
export interface PostgresSettings {
  readonly url: string
  readonly maxConnections: number
  readonly connectTimeoutMs: number
}

/** `bigint` in the catalogue of PostgreSQL. */
const INT8 = 20

type Parser = (value: string) => unknown

/** What transactions run on. */
export interface Server {
  readonly pool: Pick<Pool, 'connect'>
  /** Ends the statement that a connection is at. Never rejects. */
  readonly cancel: (client: PoolClient) => Promise<void>
}

/** The SQLSTATE of what a trigger tells its own transaction. */
const TOLD = 'HFEVT'

/** Before it listens again after a break, in ms. */
const RELISTEN_MS = 500

/** PostgreSQL on a server. Connects when it is first used. */
export async function openPostgres({ url, maxConnections, connectTimeoutMs }: PostgresSettings): Promise<Engine> {
  const { default: pg } = await import('pg')
  const types: CustomTypesConfig = {
    // Numbers up to 2^53 are exact, and nothing here counts further.
    getTypeParser: (oid, format) =>
      (oid as number) === INT8 ? Number : (pg.types.getTypeParser(oid, format) as Parser),
  }
  const settings = {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    types,
    application_name: 'holdfast',
  }
  const pool = new pg.Pool({ ...settings, max: maxConnections, pipeline: true })
  const server: Server = { pool, cancel: (client) => cancelOver(new pg.Client(settings), client) }
  // A connection that breaks while nobody uses it is replaced when somebody does.
  pool.on('error', nothing)
  const listeners = new Set<() => Promise<void>>()
  return {
    kind: 'postgres',
    transaction: (request) => transact(server, request),
    async listen(channel, onNotification, onBreak) {
      const stop = listenOn(() => new pg.Client(settings), channel, onNotification, onBreak)
      listeners.add(stop)
      await Promise.resolve()
      return async () => {
        listeners.delete(stop)
        await stop()
      }
    },
    async close() {
      await Promise.all([...listeners].map((stop) => stop()))
      await pool.end()
    },
  }
}

/** Runs one transaction on a connection of the pool. */
export async function transact<T>({ pool, cancel }: Server, request: TransactionRequest<T>): Promise<T> {
  const { work, signal, onTold } = request
  const client = await borrow(pool, signal)
  // Who waits for a statement hears of it by that; a break between two statements is for nobody.
  client.on('error', nothing)
  const hear = ({
    code,
    message = '',
  }: {
    readonly code?: string | undefined
    readonly message?: string | undefined
  }): void => {
    if (code === TOLD) onTold?.(message)
  }
  client.on('notice', hear)
  const begun = begin(client, request)
  const ending = endingSession(sessionOf(client, begun))
  try {
    const result = await untilAborted(work(ending.session), signal)
    await untilAborted(ending.complete(), signal)
    await untilAborted(begun, signal)
    ending.end()
    await commit(client, signal)
    giveBack(client)
    return result
  } catch (error) {
    ending.end()
    // What a connection is in the middle of cannot be taken back; such a one is not used again.
    if (signal.aborted) void giveUp(client, ending.isBusy ? cancel : undefined)
    else if (await rollBack(client, signal)) giveBack(client)
    else void giveUp(client)
    if (isUnknown(error)) throw error
    throw signal.aborted ? signal.reason : storeFailure(error)
  } finally {
    client.removeListener('notice', hear)
  }
}

/** Sent, and not waited for: what comes first is sent right behind it, which saves a way to the server and back. Where it fails, the transaction refuses what follows. */
function begin(client: PoolClient, { opening, openingFailure }: TransactionRequest<unknown>): Promise<unknown> {
  const begun = client.query(`begin; ${opening}`).catch((error: unknown) => {
    const failure = storeFailure(error)
    throw openingFailure?.(failure) ?? failure
  })
  begun.catch(nothing)
  return begun
}

function giveBack(client: PoolClient): void {
  client.removeListener('error', nothing)
  client.release()
}

/** Its server hears of the end of a connection when a statement has ended, so that is told first to end it; the number of a process is somebody else's once it has gone. */
async function giveUp(client: PoolClient, cancel?: Server['cancel']): Promise<void> {
  await cancel?.(client)
  // It may report its end yet, so its listener stays.
  client.release(true)
}

/** @throws HoldfastError; the reason of an abort: then a connection that comes later goes back unused. */
async function borrow(pool: Server['pool'], signal: AbortSignal): Promise<PoolClient> {
  const connecting = pool.connect()
  try {
    return await untilAborted(connecting, signal)
  } catch (error) {
    connecting.then(
      (client) => client.release(),
      () => undefined,
    )
    throw signal.aborted ? signal.reason : storeFailure(error)
  }
}

/** After this has been sent nobody knows, until it is answered, whether it was done. */
async function commit(client: PoolClient, signal: AbortSignal): Promise<void> {
  try {
    const { command } = await untilAborted(client.query('commit'), signal)
    // So says PostgreSQL of a transaction that it had given up, and fails with nothing.
    if (command === 'ROLLBACK') throw Object.assign(new Error(command), { code: '25P02' })
  } catch (error) {
    throw signal.aborted ? unknown() : storeFailure(error, { mayHaveTakenEffect: true })
  }
}

function isUnknown(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'COMMIT_UNKNOWN'
}

/** Nobody has heard what came of it. */
function unknown(): HoldfastError {
  return new HoldfastError({
    code: 'COMMIT_UNKNOWN',
    category: 'timeout',
    message: 'The database did not answer a commit in time: whether it was done is not known',
    retryable: false,
    mayHaveTakenEffect: true,
  })
}

async function cancelOver(other: Client, client: PoolClient): Promise<void> {
  other.on('error', nothing)
  try {
    await other.connect()
    await other.query('select pg_cancel_backend($1)', [Reflect.get(client, 'processID')])
  } catch {
    // `statement_timeout` ends it, later.
  }
  await other.end().catch(nothing)
}

/** @returns whether the connection may be used again. */
async function rollBack(client: PoolClient, signal: AbortSignal): Promise<boolean> {
  try {
    await untilAborted(client.query('rollback'), signal)
    return true
  } catch {
    return false
  }
}

function sessionOf(client: PoolClient, begun: Promise<unknown>): Omit<Session, 'failure'> {
  const sent = async <T>(statement: Promise<T>): Promise<T> => {
    statement.catch(nothing)
    // Why it began with a failure says more than that what followed was refused.
    await begun
    try {
      return await statement
    } catch (error) {
      throw storeFailure(error)
    }
  }
  return {
    async query(text, values = []) {
      const { rows, rowCount } = await sent(client.query<Record<string, unknown>>(oneStatement(text, values)))
      return { rows, affected: rowCount ?? 0 }
    },
    async script(text) {
      await sent(client.query(text))
    },
  }
}

/** In the form that takes one statement and no more, also where there are no values: what was slipped in behind it is refused. */
function oneStatement(text: string, values: readonly unknown[]): QueryConfig & { readonly queryMode: 'extended' } {
  return { text, values: [...values], queryMode: 'extended' }
}

interface Listener {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown
  on(event: 'error' | 'end', listener: () => void): unknown
  end(): Promise<void>
}

/** A connection for listening alone, made anew when it breaks. */
function listenOn(
  connect: () => Listener,
  channel: string,
  onNotification: (payload: string) => void,
  onBreak: () => void,
): () => Promise<void> {
  let isStopped = false
  let client: Listener | undefined
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    const mine = connect()
    client = mine
    const broken = (): void => {
      if (client !== mine || isStopped) return
      client = undefined
      timer = setTimeout(begin, RELISTEN_MS)
    }
    mine.on('error', broken)
    mine.on('end', broken)
    mine.on('notification', ({ payload = '' }) => onNotification(payload))
    mine
      .connect()
      .then(() => mine.query(`listen ${channel}`))
      .then(onBreak, broken)
  }
  begin()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await client?.end().catch(() => undefined)
  }
}

function nothing(): void {
  // The connection is not used again.
}
