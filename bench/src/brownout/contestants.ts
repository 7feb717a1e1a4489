import { createIntegration } from '@holdfast/core'
import { APICallError, generateText } from 'ai'
import {
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import { TimedOut, Unavailable } from './service.ts'
import type { MakeClient, World } from './simulate.ts'

/** Everybody gets two retries, and five seconds until an open circuit is tried again: what is compared is what they do with them. */
const MAX_RETRIES = 2
const OPEN_MS = 5_000

/** The request as a client with a time limit of its own makes it, for whoever brings none. */
function requestWithin({ service, attemptTimeoutMs }: World): Promise<'answer'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimedOut()), attemptTimeoutMs)
    service
      .request()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

/** An error as a provider of the AI SDK reports it. */
function asApiCallError(error: unknown): APICallError {
  const status = error instanceof Unavailable ? { statusCode: error.status } : {}
  return new APICallError({
    message: String(error),
    url: 'https://api.example.com',
    requestBodyValues: {},
    isRetryable: true,
    cause: error,
    ...status,
  })
}

type Model = Exclude<Parameters<typeof generateText>[0]['model'], string>

function modelOf(world: World): Model {
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId: 'bench',
    supportedUrls: {},
    doGenerate: async () => {
      try {
        await requestWithin(world)
      } catch (error) {
        throw asApiCallError(error)
      }
      return {
        content: [{ type: 'text', text: 'answer' }],
        finishReason: { unified: 'stop', raw: undefined },
        usage: {
          inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: 1, text: 1, reasoning: undefined },
        },
        warnings: [],
      }
    },
    doStream: () => Promise.reject(new Error('not used here')),
  }
}

export const OURS = 'holdfast'

/** The ways to call the service, each with its own defaults but for what is said here. */
export const contestants: Readonly<Record<string, MakeClient>> = {
  'no policy, 1 s timeout': (world) => () => requestWithin(world),
  [OURS]: ({ service, random, attemptTimeoutMs }) => {
    const integration = createIntegration({ name: 'service', idempotent: true, attemptTimeoutMs, random })
    return () => integration.call(({ signal }) => service.request(signal))
  },
  'p-retry': (world) => () => pRetry(() => requestWithin(world), { retries: MAX_RETRIES }),
  'AI SDK generateText': (world) => {
    const model = modelOf(world)
    return () => generateText({ model, prompt: 'question', maxRetries: MAX_RETRIES })
  },
  'cockatiel retry': ({ service, attemptTimeoutMs }) => {
    const policy = wrap(
      retry(handleAll, { maxAttempts: MAX_RETRIES, backoff: new ExponentialBackoff() }),
      timeout(attemptTimeoutMs, TimeoutStrategy.Aggressive),
    )
    return () => policy.execute(({ signal }) => service.request(signal))
  },
  'cockatiel retry + breaker': ({ service, attemptTimeoutMs }) => {
    const policy = wrap(
      retry(handleAll, { maxAttempts: MAX_RETRIES, backoff: new ExponentialBackoff() }),
      circuitBreaker(handleAll, {
        halfOpenAfter: OPEN_MS,
        breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
      }),
      timeout(attemptTimeoutMs, TimeoutStrategy.Aggressive),
    )
    return () => policy.execute(({ signal }) => service.request(signal))
  },
  opossum: ({ service, attemptTimeoutMs }) => {
    const breaker = new CircuitBreaker(() => service.request(), { timeout: attemptTimeoutMs, resetTimeout: OPEN_MS })
    return () => breaker.fire()
  },
}
