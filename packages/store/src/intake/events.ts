import type { ErrorCategory } from '@holdfast/core'
import type { EntryKind } from './entries.ts'

interface IntakeEventOf<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
}

interface EntryEventOf<Type extends string> extends IntakeEventOf<Type> {
  readonly kind: EntryKind
  readonly tenant: string
  readonly id: string
}

/** An entry is on the disk. */
export interface IntakeAccepted extends EntryEventOf<'intake-accepted'> {
  readonly where: 'store' | 'journal'
  readonly requestId?: string
}

/** An entry has come from the journal into the store. */
export interface IntakeReplayed extends EntryEventOf<'intake-replayed'> {
  /** Whether the store had it already: its commit was not answered. */
  readonly repeated: boolean
  /** From when it was accepted, by the wall clock. */
  readonly waitedMs: number
}

/** The store will not have an entry that was accepted; it is kept beside the others. */
export interface IntakeSetAside extends EntryEventOf<'intake-set-aside'> {
  readonly code: string
}

/** The store does not take entries (`away`), or takes them again (`back`). */
export interface IntakeStoreState extends IntakeEventOf<'intake-store-away' | 'intake-store-back'> {
  readonly code?: string
  readonly category?: ErrorCategory
}

/** Everything an intake reports. */
export type IntakeEvent = IntakeAccepted | IntakeReplayed | IntakeSetAside | IntakeStoreState
