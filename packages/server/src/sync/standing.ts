import type { ServerSync, SyncStanding } from './server-sync.ts'

/** What was read is good for so long, in ms. */
const GOOD_MS = 15_000

/**
 * Keeps how the sources of all tenants stand for whoever asks often, and must not wait: he is told what was read last, and has it read again meanwhile. While the store is away, that is what is told.
 *
 * @param now a time that only goes on, in ms.
 */
export function createStanding(
  state: ServerSync['state'],
  tenants: readonly string[],
  now: () => number,
): { readonly get: () => SyncStanding | undefined; refresh(): Promise<void> } {
  let last: SyncStanding | undefined
  let readAt = -Infinity
  let reading: Promise<void> | undefined
  const read = async (): Promise<void> => {
    const succeededAt: Record<string, number> = {}
    const conflicts: Record<string, number> = {}
    for (const tenant of tenants) {
      const { sources, conflicts: waiting } = await state(tenant)
      for (const { name, succeededAt: at } of sources)
        succeededAt[name] = Math.min(succeededAt[name] ?? Infinity, at?.getTime() ?? 0)
      for (const [kind, many] of Object.entries(waiting)) conflicts[kind] = (conflicts[kind] ?? 0) + many
    }
    last = { succeededAt, conflicts }
    readAt = now()
  }
  const refresh = (): Promise<void> =>
    (reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined
      }))
  return {
    get() {
      if (now() - readAt >= GOOD_MS) void refresh()
      return last
    },
    refresh,
  }
}
