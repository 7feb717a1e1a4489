interface StoreEventOf<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** Where it is, without credentials. */
  readonly where: string
}

/** A migration was taken. */
export interface StoreMigrationApplied extends StoreEventOf<'store-migration-applied'> {
  readonly migration: string
}

/** It is open. */
export interface StoreOpened extends StoreEventOf<'store-opened'> {
  readonly engine: 'pglite' | 'postgres'
  readonly durationMs: number
  readonly warnings: readonly string[]
}

/** A connection that nobody used was lost; another one is made when it is needed. */
export interface StoreConnectionLost extends StoreEventOf<'store-connection-lost'> {
  readonly code: string
}

/** It is closed. */
export type StoreClosed = StoreEventOf<'store-closed'>

/** Everything a store reports by itself; what its transactions come to, its integration reports. */
export type StoreEvent = StoreMigrationApplied | StoreOpened | StoreConnectionLost | StoreClosed
