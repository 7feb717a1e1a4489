import { CHARTER_KINDS } from '@holdfast/agents/sync'
import type { EntityKind } from '@holdfast/agents/sync'
import type { SyncKind, SyncOptions } from '../config/options.ts'
import { fieldsOf, kindOf } from '../config/sync-fields.ts'

/** The kinds that there are sources for, as the configuration wants them brought together. */
export function kindsOf({ sources, kinds = {} }: SyncOptions): Readonly<Partial<Record<SyncKind, EntityKind>>> {
  const all = Object.values(sources)
  return Object.fromEntries(
    [...new Set(all.map(kindOf))].map((kind) => {
      const { trust, fields, deletion } = kinds[kind] ?? {}
      const known = CHARTER_KINDS[kind]
      const told = all.flatMap((source) => (kindOf(source) === kind ? fieldsOf(source) : []))
      const added = Object.fromEntries(told.map((field) => [field, 'newest' as const]))
      return [
        kind,
        {
          ...known,
          fields: { ...added, ...known.fields, ...fields },
          ...(trust === undefined ? {} : { trust }),
          ...(deletion === undefined ? {} : { deletion }),
        },
      ]
    }),
  )
}
