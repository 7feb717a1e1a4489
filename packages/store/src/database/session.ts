import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Transaction,
} from 'kysely'
import { databaseError } from './classify.ts'
import type { Connection, Rows } from './engine/engine.ts'
import { statementRefused, transactionEnded } from './errors.ts'
import type { Schema } from './schema.ts'

/** What a statement may begin with. The rest would end the transaction, change who it is, or stay behind on the connection. */
const ALLOWED =
  /^(?:select|with|insert|update|delete|merge|values|table|explain|savepoint|release|rollback\s+(?:work\s+|transaction\s+)?to|declare|fetch|move|close|lock|notify)\b/i

/** Spaces, comments and brackets before the first word. */
const BEFORE = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()+/

/** One transaction, as its function sees it: statements one after the other, until it ends. */
export class Session {
  readonly #connection: Connection
  readonly #integration: string
  #why: string | undefined
  #last: Promise<unknown> = Promise.resolve()
  #underWay = 0
  /** The first statement that failed. */
  failure: unknown
  /** Whether something was asked for after the end. */
  late = false

  constructor(connection: Connection, integration: string) {
    this.#connection = connection
    this.#integration = integration
  }

  /** Statements that were asked for and have not ended. */
  get underWay(): number {
    return this.#underWay
  }

  /** Settles when the statement that was sent last has ended. */
  get last(): Promise<unknown> {
    return this.#last
  }

  /** Lets nothing more through. @param why for whoever tries */
  end(why: string): void {
    this.#why ??= why
  }

  async query(text: string, parameters: readonly unknown[]): Promise<Rows> {
    this.#mustBeOpen()
    checkStatement(text)
    this.#underWay += 1
    // One after the other: a connection does one thing at a time.
    const done = this.#last.then(
      () => this.#send(text, parameters),
      () => this.#send(text, parameters),
    )
    this.#last = done
    try {
      return await done
    } finally {
      this.#underWay -= 1
    }
  }

  async #send(text: string, parameters: readonly unknown[]): Promise<Rows> {
    this.#mustBeOpen()
    try {
      return await this.#connection.query(text, parameters)
    } catch (error) {
      const failure = databaseError(error, 'statement', this.#integration)
      this.failure ??= failure
      throw failure
    }
  }

  #mustBeOpen(): void {
    if (this.#why === undefined) return
    this.late = true
    throw transactionEnded(this.#why)
  }
}

function checkStatement(text: string): void {
  const statement = text.replace(BEFORE, '')
  if (ALLOWED.test(statement)) return
  const word = /^\w{1,32}/.exec(statement)?.[0] ?? ''
  throw statementRefused(
    word,
    'it begins and ends its transactions itself, and a connection keeps nothing of one for the next',
  )
}

/** The handle of a transaction that is open already, and is ended by somebody else. */
export function handleOf(session: Session): Transaction<Schema> {
  // Kysely's own class would say in words of its own, and only in some of the cases, that the transaction has ended.
  return new Handle({ dialect: new SessionDialect(session) }) as unknown as Transaction<Schema>
}

class Handle extends Kysely<Schema> {
  override get isTransaction(): boolean {
    return true
  }
}

class SessionDialect implements Dialect {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  createDriver(): Driver {
    const connection = new SessionConnection(this.#session)
    const nothing = async (): Promise<void> => undefined
    return {
      init: nothing,
      acquireConnection: async () => connection,
      beginTransaction: async () => {
        throw statementRefused('transaction', 'one is open, and holds all of it')
      },
      commitTransaction: nothing,
      rollbackTransaction: nothing,
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

  createIntrospector(kysely: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(kysely)
  }
}

type QueryResult<Row> = Awaited<ReturnType<DatabaseConnection['executeQuery']>> & { readonly rows: Row[] }

class SessionConnection implements DatabaseConnection {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, affected } = await this.#session.query(sql, parameters)
    const given = { rows: rows as Row[] }
    return affected === undefined ? given : { ...given, numAffectedRows: BigInt(affected) }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw statementRefused('stream', 'read in pages, or with declare and fetch')
  }
}
