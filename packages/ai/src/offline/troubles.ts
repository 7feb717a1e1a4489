import type { Integration } from '@holdfast/core'

/** A dependency that does not work at the moment. */
export interface Trouble {
  /** The integration's name. */
  readonly name: string
  /** What a customer calls it: `the flight search`. */
  readonly title: string
  /** Wall time since when, in ms since the Unix epoch, where it is known. */
  readonly since?: number
}

/**
 * The integrations that are in trouble now, by their snapshots: their circuit is open, half-open or isolated, they are
 * critical, or the last that was heard of them was a failure. One that is being ramped up again is not in trouble any more.
 *
 * @param titles what customers call them, by name. Default: the name.
 */
export function troublesOf(
  integrations: readonly Pick<Integration, 'snapshot'>[],
  titles: Readonly<Record<string, string>> = {},
): Trouble[] {
  const troubles: Trouble[] = []
  for (const integration of integrations) {
    const { name, status, circuit, troubledSince, lastError, lastSuccessAt = 0 } = integration.snapshot()
    const closed = circuit === 'closed' || circuit === 'ramping'
    const failedLast = circuit === 'closed' && lastError !== undefined && lastError.at >= lastSuccessAt
    if (closed && status !== 'critical' && !failedLast) continue
    const since = troubledSince ?? (failedLast ? lastError.at : undefined)
    troubles.push({ name, title: titles[name] ?? name, ...(since === undefined ? {} : { since }) })
  }
  return troubles
}
