import type { HoldfastError } from '@holdfast/core'

/** What a statement has brought. */
export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows that it changed; for a query, rows that it gave. */
  readonly affected: number
}

/** One transaction's hold on the database. Whatever the engine throws comes out as a HoldfastError, without values of rows in it. */
export interface Session {
  /** What the first statement that failed has failed with. */
  readonly failure: unknown
  /** One statement. Values go beside it, never into it. */
  query(text: string, values?: readonly unknown[]): Promise<Rows>
  /** Several statements, of this project only: there is no place for values in them. */
  script(text: string): Promise<void>
}

/** A transaction to be made. */
export interface TransactionRequest<T> {
  /** Statements that stand at its beginning, and go out with it. */
  readonly opening: string
  /** What it means when they fail. Default: what it says. */
  readonly openingFailure?: (error: HoldfastError) => HoldfastError
  /** Runs in it, perhaps before the opening was answered: then what it asks for waits for that. When it rejects everything is rolled back. */
  readonly work: (session: Session) => Promise<T>
  /** Hears what triggers tell this transaction (SQLSTATE `HFEVT`), while it is under way. On a server only. */
  readonly onTold?: (text: string) => void
  /** Rolls back at once, without waiting for `work`; the result rejects with its reason. While it commits, the result may say that nobody knows. */
  readonly signal: AbortSignal
}

/** The embedded database itself, as its one user. */
export interface EmbeddedDatabase {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  exec(text: string): Promise<{ rows: unknown[] }[]>
}

/** A database in which transactions can be made. */
export interface Engine {
  readonly kind: 'pglite' | 'postgres'
  /** Where it is inside the process. */
  readonly embedded?: EmbeddedDatabase
  transaction<T>(request: TransactionRequest<T>): Promise<T>
  /** Listens for notifications until it is told to stop; `onBreak` says that some may have been missed. */
  listen(channel: string, onNotification: (payload: string) => void, onBreak: () => void): Promise<() => Promise<void>>
  /** Another database with everything as it is now, which is gone when it is closed. Where there is none, who reads for long does so beside the others, or in their way. */
  copy?(signal: AbortSignal): Promise<Engine>
  /** Waits for what is under way. */
  close(): Promise<void>
}
