import { HoldfastError } from '@holdfast/core'
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import type { Session } from './engine/engine.ts'
import type { Schema } from './schema.ts'
import { checkStatement } from './statement.ts'

/**
 * Queries in one transaction, built by [Kysely](https://kysely.dev). It is good until the function it was given to has ended.
 * It has no transactions of its own: everything in it is done, or nothing.
 */
export type Transaction = Omit<Kysely<Schema>, 'transaction' | 'startTransaction' | 'connection' | 'destroy'>

/** The query builder over a session. */
export function transactionOver(session: Session): Transaction {
  return new Kysely<Schema>({ dialect: new SessionDialect(session) })
}

class SessionDialect implements Dialect {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  createDriver(): Driver {
    const connection = new SessionConnection(this.#session)
    const nothing = (): Promise<void> => Promise.resolve()
    return {
      init: nothing,
      acquireConnection: () => Promise.resolve(connection),
      beginTransaction: () => Promise.reject(nested()),
      commitTransaction: () => Promise.reject(nested()),
      rollbackTransaction: () => Promise.reject(nested()),
      releaseConnection: nothing,
      destroy: nothing,
    }
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter()
  }

  createIntrospector(database: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(database)
  }
}

class SessionConnection implements DatabaseConnection {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    checkStatement(sql)
    const { rows, affected } = await this.#session.query(sql, parameters)
    return { rows: [...rows] as Row[], numAffectedRows: BigInt(affected) }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncGenerator<QueryResult<Row>> {
    throw refused('A transaction of the store does not stream: ask for pages')
  }
}

function nested(): HoldfastError {
  return refused('There is no transaction in a transaction of the store')
}

function refused(message: string): HoldfastError {
  return new HoldfastError({
    code: 'NOT_SUPPORTED',
    category: 'client',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
