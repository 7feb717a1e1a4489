import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { TierAttempt } from '../provenance/provenance.ts'
import { requestContext } from '../provenance/request-context.ts'

/** What an agent's tools and instructions are told about the request they serve. */
export interface AgentContext {
  readonly requestId: string
  readonly tenant: string
  readonly sessionId: string | undefined
  /** What was tried before this agent was asked. */
  readonly priorAttempts: readonly TierAttempt[]
  /** The whole model call. */
  readonly options: LanguageModelV4CallOptions
  /**
   * True when an earlier attempt may have done something at the other end although no answer came of it. A tool that
   * writes must not write again then.
   */
  readonly mayHaveTakenEffect: boolean
  /**
   * To be called by a tool right before it does what cannot be undone. From then on a failure of this answer counts as one
   * that may have taken effect, and the answer is not remembered.
   *
   * @returns a function to be called when it certainly has not been done after all (the service could not be reached, say).
   */
  takesEffect(): () => void
}

/** The context of one call, and whether a tool of it has taken effect. */
export interface TrackedContext {
  readonly context: AgentContext
  readonly tookEffect: () => boolean
}

export function contextOf(options: LanguageModelV4CallOptions): TrackedContext {
  const { requestId, tenant, sessionId, priorAttempts = [] } = requestContext(options)
  const effects = new Set<symbol>()
  const context: AgentContext = Object.freeze({
    requestId: requestId ?? crypto.randomUUID(),
    tenant: tenant ?? 'default',
    sessionId,
    priorAttempts,
    options,
    mayHaveTakenEffect: priorAttempts.some((attempt) => attempt.mayHaveTakenEffect === true),
    takesEffect() {
      const effect = Symbol()
      effects.add(effect)
      return () => void effects.delete(effect)
    },
  })
  return { context, tookEffect: () => effects.size > 0 }
}

/**
 * A key that stands for one deed of one request: the same tool with the same input gives the same key, whatever the order
 * of the input's properties, and however often the model or a retry calls it.
 *
 * @returns 64 hexadecimal digits (SHA-256).
 */
export async function idempotencyKey(
  context: Pick<AgentContext, 'requestId' | 'tenant'>,
  tool: string,
  input: unknown,
): Promise<string> {
  const deed = JSON.stringify([context.tenant, context.requestId, tool, canonical(input)])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(deed))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, inner]) => [key, canonical(inner)]))
}
