import type { DeskRuntime } from '@holdfast/agents/desks'
import type { ClientProfile } from './client-data.ts'

/** A client as all sources together know him. */
export interface ReconciledClient extends ClientProfile {
  /** The source that each field is from, `person` where one has decided; of a merge the newest. */
  readonly provenance: Readonly<Record<string, string>>
}

/** What stands in a letter; anything else is a detail. */
const LINES: readonly string[] = ['email', 'name', 'phone']

/**
 * The client of an address, where sources are brought together; nothing for one whom they do not know, or have all deleted. What a person still has to decide is left out; so is, while it is not decided which records
 * are the same, what those say differently.
 */
export async function reconciledClient(
  sync: NonNullable<DeskRuntime['sync']>,
  tenant: string,
  email: string,
): Promise<ReconciledClient | undefined> {
  const found = (await sync.find(tenant, 'client', { email })).filter(({ deleted }) => !deleted)
  const [first, ...others] = found
  if (first === undefined) return undefined
  const agreed = Object.entries(first.fields).filter(([field, value]) =>
    others.every(({ fields }) => JSON.stringify(fields[field]) === JSON.stringify(value)),
  )
  const values = Object.fromEntries(agreed)
  const details = agreed.filter(([field]) => !LINES.includes(field))
  const provenance = agreed.flatMap(([field]): [string, string][] => {
    const { strategy, source = 'unknown' } = first.provenance[field] ?? { strategy: undefined }
    return [[field, strategy === 'person' ? 'person' : source]]
  })
  return {
    ...(typeof values['name'] === 'string' ? { name: values['name'] } : {}),
    ...(typeof values['phone'] === 'string' ? { phone: values['phone'] } : {}),
    ...(details.length === 0 ? {} : { details: Object.fromEntries(details) }),
    provenance: Object.fromEntries(provenance),
  }
}
