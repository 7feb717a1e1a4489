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
  return metadata?.['holdfast']
}

/** The provenance of an answer, from the `providerMetadata` of a result, of a step, or of a finish part. */
export function provenanceOf(metadata: SharedV4ProviderMetadata | undefined): Provenance | undefined {
  const found = metadata?.['holdfast'] as Partial<Provenance> | undefined
  return typeof found?.requestId === 'string' && typeof found.tier === 'string' ? (found as Provenance) : undefined
}

/**
 * A report as response headers of a stream, so that it is known at the commit, long before the finish part: who serves, how
 * old a remembered answer is, and how near the question it was given to.
 */
export function reportHeaders(report: Reported): SharedV4Headers {
  return addReport({}, report)
}

/** What of a report is a header. */
type Reported = Pick<TierReport, 'servedBy' | 'ageMs' | 'similarity'>

function addReport(headers: SharedV4Headers, { servedBy, ageMs, similarity }: Reported): SharedV4Headers {
  if (servedBy !== undefined) headers['x-holdfast-served-by'] = headerValue(servedBy)
  if (ageMs !== undefined) headers['x-holdfast-age-ms'] = String(Math.round(ageMs))
  if (similarity !== undefined) headers['x-holdfast-similarity'] = similarity.toFixed(3)
  return headers
}

/** Who answers, in the form of header values. */
export interface Shown {
  readonly tier: string
  /** Unless the answer itself names another. */
  readonly servedBy: string
}

/** The same for each answer of a tier. */
export function shown(tier: string, servedBy: string): Shown {
  return Object.freeze({ tier: headerValue(tier), servedBy: headerValue(servedBy) })
}

/**
 * The response headers an answer carries from its commit on. `x-holdfast-attempts` is how many entries `attempts` has.
 *
 * @param requestId as a header value.
 */
export function provenanceHeaders(
  requestId: string,
  { tier, servedBy }: Shown,
  attemptCount: number,
  report: TierReport,
): SharedV4Headers {
  const headers: SharedV4Headers = {
    'x-holdfast-request-id': requestId,
    'x-holdfast-tier': tier,
    'x-holdfast-attempts': String(attemptCount),
    'x-holdfast-served-by': servedBy,
  }
  return addReport(headers, report)
}

const NO_REPORT: TierReport & { readonly attemptCount: number } = Object.freeze({ attemptCount: 0 })

/** What a tier says in the headers of its stream; `attemptCount` where it is a list of tiers itself. */
export function reportOfHeaders(headers: SharedV4Headers | undefined): TierReport & { readonly attemptCount: number } {
  if (headers === undefined) return NO_REPORT
  const servedBy = headers['x-holdfast-served-by']
  const age = headers['x-holdfast-age-ms']
  const similarity = headers['x-holdfast-similarity']
  return {
    attemptCount: Number(headers['x-holdfast-attempts'] ?? 0) || 0,
    ...(servedBy === undefined ? {} : { servedBy }),
    ...(age === undefined ? {} : { stale: true, ageMs: Number(age) || 0 }),
    ...(similarity === undefined ? {} : { similarity: Number(similarity) || 0 }),
  }
}

const NO_ATTEMPTS: readonly TierAttempt[] = Object.freeze([])

/** The attempts inside a tier, named as seen from outside: `direct/agent`. Their times count from the outer request. */
export function nestedAttempts(
  tier: string,
  startMs: number,
  attempts: readonly TierAttempt[] | undefined,
): readonly TierAttempt[] {
  if (attempts === undefined) return NO_ATTEMPTS
  return attempts.map((attempt) => ({
    ...attempt,
    tier: `${tier}/${attempt.tier}`,
    startMs: startMs + attempt.startMs,
  }))
}

/** Header values end up on the wire: anything that is not printable ASCII would break or split them. */
export function headerValue(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 256)
}
