import type { Events as TopicEvents } from '@holdfast/agents/events'
import type { NewRequest } from '@holdfast/agents/desks'
import type { Webhooks } from '@holdfast/agents/webhooks'
import type { RunSnapshot, Workflows } from '@holdfast/agents/workflows'
import type { Integration } from '@holdfast/core'
import type { Claims, StoredWriteMemory } from '@holdfast/store/database'
import type { JournalSnapshot } from '@holdfast/store/journal'
import type { KnownKeys } from '../access/known-keys.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Leads } from './leads.ts'
import type { ServerSync } from '../sync/server-sync.ts'

/** A request that was taken. */
export interface TakenRequest {
  readonly id: string
  /** Left out while it waits for the store: nothing is begun then. */
  readonly runId?: string | undefined
  /** Whether it had been taken before, under the same key. */
  readonly repeated: boolean
}

/** What has to be asked back before anything is begun. */
export interface AskedBack {
  readonly missing: readonly string[]
  readonly question: string
}

/** A request as it is now. */
export interface RequestView {
  readonly id: string
  readonly desk: string
  readonly status: string
  readonly text: string
  readonly criteria: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly proposal?: { readonly status: string; readonly ranking: unknown } | undefined
  readonly run?: Pick<RunSnapshot, 'runId' | 'state'> & { readonly failure?: string | undefined }
  /** `store`: it is on the disk of this server, and nothing is begun before the store is back. `settlement`: nobody knows whether something was written for it, and a person has to find out. */
  readonly waitsFor?: 'store' | 'settlement' | undefined
  /** The code of what the store refused it with, after it was accepted. */
  readonly failure?: string | undefined
  /** What a person is asked; only for those who may decide. */
  readonly approvals: readonly { readonly step: string; readonly ask: unknown }[]
  /** What was asked before, and nobody can decide any more: its time was over, what it asked has changed, or it was decided and something else is asked now. With why, and what can be done; only for those who might have decided. Left out where there is none. */
  readonly lapsed?: readonly { readonly step: string; readonly message: string }[] | undefined
}

/** How the requests are that wait for the store. */
export interface WaitingRequests {
  readonly waiting: number
  /** Those of them that the store refuses for good. */
  readonly refused: number
  /** `closed`: requests are taken while the store is there, and only then. */
  readonly journal: JournalSnapshot['state']
}

/** Desks at work. */
export interface OpenDesks {
  readonly names: readonly string[]
  /** Whose requests are served: those of the configuration, and of the keys of the environment. */
  readonly tenants: readonly string[]
  readonly keys: KnownKeys
  readonly audit: AuditTrail
  /** `undefined` where nobody but workers is. */
  readonly leads: Leads | undefined
  readonly workflows: Workflows
  readonly events: TopicEvents
  readonly webhooks: Webhooks
  /** What the connectors have written, where a person has to look. */
  readonly writes: Pick<StoredWriteMemory, 'unconfirmed' | 'settle'>
  /** What several sources know of the same; `undefined` where the configuration has none. */
  readonly sync: ServerSync | undefined
  /** Into the store, or while that is away onto the disk. @throws HoldfastError `IDEMPOTENCY_KEY_REUSED`; of the store, of the journal where neither takes it */
  take(by: Claims, desk: string, request: NewRequest, idempotencyKey?: string): Promise<TakenRequest | AskedBack>
  /** Nothing for one that is not there, or is somebody else's. */
  find(by: Claims, id: string): Promise<RequestView | undefined>
  /** The latest first. */
  list(
    by: Claims,
    options: { readonly limit: number; readonly before?: Date | undefined },
  ): Promise<readonly Omit<RequestView, 'approvals' | 'run' | 'proposal'>[]>
  requests(): WaitingRequests
  /** Runs what a desk does with what came from outside. @returns false where there is no such hook. */
  hook(tenant: string, desk: string, name: string, body: unknown, signal: AbortSignal): Promise<boolean>
}

/** Desks, from the start of the server to its end. */
export interface DeskHouse {
  /** The store's and the queue's, and those of tools that the configuration does not name. */
  readonly integrations: readonly Integration[]
  /** The desks, once they are open; `undefined` while what keeps things is away. */
  readonly open: OpenDesks | undefined
  /** Ends the streams of those who watch. */
  endStreams(): Promise<void>
  stop(): Promise<void>
}
