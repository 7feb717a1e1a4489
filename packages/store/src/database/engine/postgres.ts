import type { PoolClient, PoolConfig, QueryConfig, QueryResult, types } from 'pg'
import type { Connection, Engine, Rows } from './engine.ts'

export interface PostgresOptions {
  readonly url: string
  readonly poolSize: number
  readonly connectTimeoutMs: number
  /** Hears that a connection which nobody used was lost. */
  readonly onLost: (error: unknown) => void
}

/** `date` and `timestamp`: as text, since they are no point in time; the driver would take them for local ones. */
const AS_TEXT: readonly number[] = [1082, 1114]

/** Loads `pg`. Connects to nothing yet. */
export async function postgresEngine(options: PostgresOptions): Promise<Engine> {
  const { default: pg } = await import('pg')
  const { url, poolSize, connectTimeoutMs, onLost } = options
  const usual = pg.types.getTypeParser as (oid: number, format?: 'text') => unknown
  const getTypeParser = (oid: number, format?: 'text'): unknown =>
    AS_TEXT.includes(oid) ? (text: string) => text : usual(oid, format)
  const config: PoolConfig = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    fallback_application_name: 'holdfast',
    types: { getTypeParser: getTypeParser as typeof types.getTypeParser },
  }
  const pool = new pg.Pool(config)
  // Without a listener, a server that restarts would end this process.
  pool.on('error', onLost)
  return {
    kind: 'postgres',
    where: whereOf(url),
    size: poolSize,
    hasTimeouts: true,
    connect: async () => new PooledConnection(await pool.connect()),
    close: () => pool.end(),
  }
}

/** `db.example.org:5432/holdfast`: an address without its credentials. */
function whereOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url)
  return `${host === '' ? (searchParams.get('host') ?? 'localhost') : host}${pathname}`
}

class PooledConnection implements Connection {
  readonly #client: PoolClient
  /** What broke the connection off, perhaps while nothing was asked of it; the driver says of the next statement only that it cannot be sent. */
  #lost: Error | undefined

  constructor(client: PoolClient) {
    this.#client = client
    client.on('error', this.#onError)
  }

  async query(text: string, parameters: readonly unknown[]): Promise<Rows> {
    // The extended protocol also without parameters: it takes one statement only.
    const config: QueryConfig & { readonly queryMode: string } = {
      text,
      values: [...parameters],
      queryMode: 'extended',
    }
    return rowsOf(await this.#client.query(config).catch(this.#saidBetter))
  }

  async script(text: string): Promise<readonly Rows[]> {
    const result: QueryResult | QueryResult[] = await this.#client.query(text).catch(this.#saidBetter)
    return (Array.isArray(result) ? result : [result]).map(rowsOf)
  }

  release(): void {
    this.#end(this.#lost !== undefined)
  }

  async discard(): Promise<void> {
    this.#end(true)
  }

  /** A connection that is closed is rolled back by the server. */
  #end(destroys: boolean): void {
    this.#client.release(destroys)
    // One that is destroyed may report its end yet.
    if (!destroys) this.#client.off('error', this.#onError)
  }

  readonly #onError = (error: Error): void => {
    this.#lost ??= error
  }

  readonly #saidBetter = (error: unknown): never => {
    throw this.#lost ?? error
  }
}

function rowsOf({ rows, command, rowCount }: QueryResult): Rows {
  return { rows, command, affected: command === 'SELECT' ? undefined : (rowCount ?? undefined) }
}
