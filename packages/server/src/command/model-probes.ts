import { probeLanguageModel } from '@holdfast/connectors/llm'
import { createIntegration, HoldfastError, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { ModelOptions } from '../config/options.ts'
import type { ProbeResult } from './probes.ts'

/** How a model is probed. */
export interface ModelProbeOptions {
  readonly apiKey: string | undefined
  /** For its whole answer, in ms. */
  readonly timeoutMs: number
  /** Ends the probe at once, with its own reason. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

/**
 * Asks a configured model for one token, once: whether the provider answers, takes the key and knows the model. A rate limit is an answer.
 * Rejects only with the signal's reason.
 */
export async function probeModel(
  name: string,
  { provider, model, baseUrl }: Pick<ModelOptions, 'provider' | 'model' | 'baseUrl'>,
  { apiKey, timeoutMs, signal, clock = systemClock }: ModelProbeOptions,
): Promise<ProbeResult> {
  const integration = createIntegration({
    name,
    kind: 'ai-service',
    deadlineMs: timeoutMs,
    attemptTimeoutMs: timeoutMs,
    retry: false,
    goodputLimit: false,
    breaker: false,
    clock,
  })
  const began = clock.now()
  const took = (): string => `${Math.round(clock.now() - began)} ms`
  try {
    await integration.call(
      (context) => probeLanguageModel({ provider, model, apiKey, baseUrl, name }, context.signal),
      {
        signal,
      },
    )
    return { well: true, finding: `${model} answers in ${took()}` }
  } catch (error) {
    signal?.throwIfAborted()
    if (!HoldfastError.isInstance(error)) return { well: false, finding: String(error) }
    if (error.category === 'rate-limit') {
      return { well: true, finding: `${model} answers in ${took()}: its rate limit is reached` }
    }
    return { well: false, finding: `${whatIsWrong(error, model, apiKey)} (${error.code})` }
  }
}

function whatIsWrong({ category, code, message }: HoldfastError, model: string, apiKey: string | undefined): string {
  switch (category) {
    case 'auth':
      return apiKey === undefined ? 'needs a key, and none is configured' : 'refuses the key'
    case 'quota':
      return 'takes the key, but its account is used up'
    case 'configuration':
      if (code === 'NOT_CONFIGURED') return `does not know the model ${JSON.stringify(model)}`
      return code === 'TLS_FAILED'
        ? 'has a certificate that cannot be trusted'
        : `does not know the model ${JSON.stringify(model)}, or baseUrl is wrong`
    case 'network':
      return 'cannot be reached'
    case 'timeout':
      return 'does not answer in time'
    default:
      return message
  }
}
