import { readBehind } from '../telemetry/read-behind.ts'
import type { ReadBehind } from '../telemetry/read-behind.ts'
import type { ServerSync, SyncStanding } from './server-sync.ts'

/**
 * How the sources of all tenants stand.
 *
 * @param now a time that only goes on, in ms.
 */
export function createStanding(
  state: ServerSync['state'],
  tenants: readonly string[],
  now: () => number,
): ReadBehind<SyncStanding> {
  return readBehind(async () => {
    const succeededAt: Record<string, number> = {}
    const conflicts: Record<string, number> = {}
    for (const tenant of tenants) {
      const { sources, conflicts: waiting } = await state(tenant)
      for (const { name, succeededAt: at } of sources)
        succeededAt[name] = Math.min(succeededAt[name] ?? Infinity, at?.getTime() ?? 0)
      for (const [kind, many] of Object.entries(waiting)) conflicts[kind] = (conflicts[kind] ?? 0) + many
    }
    return { succeededAt, conflicts }
  }, now)
}
