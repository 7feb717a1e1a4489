import type { Store } from '@holdfast/store/database'

/** An entry of the audit. */
export interface AuditEntry {
  readonly id: string
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly target?: string
  readonly details: Readonly<Record<string, unknown>>
}

/** What was done, and by whom. */
export interface AuditTrail {
  /** Those of a tenant, the latest first. @param options.before id of an entry: only older ones. */
  list(
    tenant: string,
    options: { readonly limit: number; readonly before?: string | undefined },
  ): Promise<readonly AuditEntry[]>
}

/** Reads the audit of the store. */
export function createAuditTrail(store: Pick<Store, 'asWorker'>): AuditTrail {
  return {
    async list(tenant, { limit, before }) {
      const rows = await store.asWorker(tenant, (transaction) => {
        const all = transaction
          .selectFrom('audit')
          .selectAll()
          .orderBy('created_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
        if (before === undefined) return all.execute()
        const its = transaction.selectFrom('audit').select('created_at').where('id', '=', before)
        return all
          .where(({ and, eb, or }) =>
            or([eb('created_at', '<', its), and([eb('created_at', '=', its), eb('id', '<', before)])]),
          )
          .execute()
      })
      return rows.map(({ id, created_at: at, actor, action, target, details }) => ({
        id,
        at,
        actor,
        action,
        ...(target === null ? {} : { target }),
        details,
      }))
    },
  }
}
