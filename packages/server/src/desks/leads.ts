import { createHash, randomUUID } from 'node:crypto'
import type { Claims, Store } from '@holdfast/store/database'
import type { ServerIntake } from './open-intake.ts'

/** Somebody who may become a client. */
export interface NewLead {
  /** Where it came from. */
  readonly source: string
  /** How to reach them. */
  readonly client: { readonly name?: string; readonly email?: string; readonly phone?: string }
  /** What they want, in words. */
  readonly text?: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** A lead that was taken. */
export interface TakenLead {
  /** Made of whose it is and its key: the same however often it comes. */
  readonly id: string
  /** It is on the disk of this server. */
  readonly waitsFor?: 'store'
}

/** A lead as it is in the store. */
export interface LeadView extends NewLead {
  readonly id: string
  readonly status: string
  readonly createdAt: Date
}

/** The leads of the tenants. */
export interface Leads {
  /** Into the store, or while that is away onto the disk. @throws HoldfastError of the intake */
  take(by: Claims, lead: NewLead, idempotencyKey?: string): Promise<TakenLead>
  /** What is in the store. Nothing for one that is not there, or is another tenant's. */
  find(by: Claims, id: string): Promise<LeadView | undefined>
  /** Whether leads that were taken may not be in the store yet. */
  readonly isBehind: boolean
}

/** Takes leads by an intake. */
export function createLeads(store: Pick<Store, 'withClaims'>, intake: Pick<ServerIntake, 'accept' | 'waiting'>): Leads {
  return {
    async take(by, { source, ...details }, key = randomUUID()) {
      // A key is its sender's own; that another one of the tenant has used it is nobody's business.
      const idempotencyKey = createHash('sha256')
        .update(JSON.stringify([by.user, key]))
        .digest('hex')
      const { id, where } = await intake.accept('lead', by, { source, details }, { idempotencyKey })
      return where === 'store' ? { id } : { id, waitsFor: 'store' }
    },
    async find(by, id) {
      const row = await store.withClaims(by, (transaction) =>
        transaction.selectFrom('leads').selectAll().where('id', '=', id).executeTakeFirst(),
      )
      if (row === undefined) return undefined
      const { source, status, created_at: createdAt } = row
      return { client: {}, ...(row.details as Partial<NewLead>), id, source, status, createdAt }
    },
    get isBehind() {
      return intake.waiting > 0
    },
  }
}
