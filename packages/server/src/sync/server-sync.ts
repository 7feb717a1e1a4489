import type { Sync } from '@holdfast/agents/sync'
import type { SyncKind } from '../config/options.ts'
import type { Waiting, WaitingQuery } from './waiting.ts'

/** What a pull has brought. */
export interface PullCounts {
  readonly pages: number
  readonly records: number
  /** Once it is over: those that told something new. */
  readonly changed?: number
  /** Those that could not be taken. */
  readonly refused?: number
  /** Some of why. */
  readonly problems?: readonly string[]
}

/** How a source stands, for one tenant. */
export interface SourceState {
  readonly name: string
  readonly from: string
  readonly kind: SyncKind
  readonly cron: string
  readonly timeZone: string
  /** When it is pulled next by its schedule. */
  readonly nextAt: Date
  /** `never`: no pull has begun. */
  readonly state: 'never' | 'running' | 'done' | 'failed'
  readonly startedAt?: Date
  readonly endedAt?: Date
  /** The end of the last that went well. */
  readonly succeededAt?: Date
  /** Pulls that have failed since then. */
  readonly failures: number
  readonly failure?: { readonly code: string; readonly message: string }
  readonly counts: PullCounts
}

/** How the sources of all tenants stand. */
export interface SyncStanding {
  /** By source, when it was last read to its end, in ms since the Unix epoch: that of the tenant for whom it is longest ago. 0 where it never was for one of them. */
  readonly succeededAt: Readonly<Record<string, number>>
  /** What waits for a person, by kind. */
  readonly conflicts: Readonly<Record<string, number>>
}

/** Sync as a server has it. */
export interface ServerSync extends Pick<Sync, 'find' | 'get' | 'conflict' | 'resolve'> {
  readonly kinds: readonly SyncKind[]
  /** How the sources of a tenant stand, and how many questions wait for a person. */
  state(tenant: string): Promise<{
    readonly sources: readonly SourceState[]
    readonly conflicts: Readonly<Record<string, number>>
  }>
  /** As it was read last: it asks nobody, and is read again meanwhile. `undefined` before the first time. */
  standing(): SyncStanding | undefined
  /** What waits for a person, of some kinds. */
  waiting(tenant: string, kinds: readonly SyncKind[], query: WaitingQuery): Promise<Waiting>
  /** Has a source pulled as soon as somebody is free. `deduplicated`: that was due already. `undefined` where the tenant has no such source. */
  pull(tenant: string, source: string): Promise<'added' | 'deduplicated' | undefined>
}
