import type { SharedV4Headers, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { Provenance, TierAttempt, TierReport } from './provenance.ts'

/** Wraps a report or a provenance as provider metadata, under the name `holdfast`. */
export function reportMetadata(report: TierReport | Provenance): SharedV4ProviderMetadata {
  // Undefined values are no JSON; a client that prints the metadata must not see them.
  const entries = Object.entries(report).filter(([, value]) => value !== undefined)
  return { holdfast: Object.fromEntries(entries) }
}

/** What a model says about its own answer in provider metadata, or nothing. */
export function reportOf(metadata: SharedV4ProviderMetadata | undefined): TierReport | undefined {
  return metadata?.['holdfast'] as TierReport | undefined
}

/** The provenance of an answer, from the `providerMetadata` of a result, of a step, or of a finish part. */
export function provenanceOf(metadata: SharedV4ProviderMetadata | undefined): Provenance | undefined {
  const found = metadata?.['holdfast'] as Partial<Provenance> | undefined
  return typeof found?.requestId === 'string' && typeof found.tier === 'string' ? (found as Provenance) : undefined
}

/** The response headers an answer carries from its commit on. `x-holdfast-attempts` is how many entries `attempts` has. */
export function provenanceHeaders(provenance: {
  readonly requestId: string
  readonly tier: string
  readonly servedBy: string
  readonly attempts: number
  readonly ageMs?: number | undefined
}): SharedV4Headers {
  return {
    'x-holdfast-request-id': headerValue(provenance.requestId),
    'x-holdfast-tier': headerValue(provenance.tier),
    'x-holdfast-served-by': headerValue(provenance.servedBy),
    'x-holdfast-attempts': String(provenance.attempts),
    ...(provenance.ageMs === undefined ? {} : { 'x-holdfast-age-ms': String(Math.round(provenance.ageMs)) }),
  }
}

/** What a list of tiers inside a tier says in its headers, before its finish part has come. */
export function reportOfHeaders(
  headers: SharedV4Headers | undefined,
): (TierReport & { attemptCount: number }) | undefined {
  const servedBy = headers?.['x-holdfast-served-by']
  if (headers === undefined || servedBy === undefined) return undefined
  const age = headers['x-holdfast-age-ms']
  return {
    servedBy,
    attemptCount: Number(headers['x-holdfast-attempts'] ?? 0) || 0,
    ...(age === undefined ? {} : { stale: true, ageMs: Number(age) }),
  }
}

/** The attempts inside a tier, named as seen from outside: `direct/agent`. Their times count from the outer request. */
export function nestedAttempts(
  tier: string,
  startMs: number,
  attempts: readonly TierAttempt[] | undefined,
): TierAttempt[] {
  return (attempts ?? []).map((attempt) => ({
    ...attempt,
    tier: `${tier}/${attempt.tier}`,
    startMs: startMs + attempt.startMs,
  }))
}

/** Header values end up on the wire: anything that is not printable ASCII would break or split them. */
function headerValue(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 256)
}
