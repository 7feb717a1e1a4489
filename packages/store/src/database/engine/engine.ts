/** What a statement brought. */
export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** `INSERT`, `COMMIT`. */
  readonly command: string
  /** Rows that were changed; of a `select`, `undefined`. */
  readonly affected: number | undefined
}

/** One connection to a database, while somebody has it. */
export interface Connection {
  /** One statement, with its parameters beside it: whatever they hold, they are values. */
  query(text: string, parameters: readonly unknown[]): Promise<Rows>
  /** Statements of our own, in one round trip. Text of somebody else's never comes here. */
  script(text: string): Promise<readonly Rows[]>
  /** Gives it back. Nothing is under way, and no transaction is open. */
  release(): void
  /**
   * Gives it up in whatever state it is: what was begun does not take effect. Resolves when somebody else can have the connection, or
   * another one in its place.
   * @param underWay settles when the statement that was sent has ended
   */
  discard(underWay: Promise<unknown>): Promise<void>
}

/** A database that can be talked to. */
export interface Engine {
  readonly kind: 'pglite' | 'postgres'
  /** Where it is, without anything secret. */
  readonly where: string
  /** How many connections there may be at once. */
  readonly size: number
  /** Whether the server ends statements and transactions by itself after a time. */
  readonly hasTimeouts: boolean
  connect(): Promise<Connection>
  /** Ends it, when nobody has a connection any more. */
  close(): Promise<void>
}
