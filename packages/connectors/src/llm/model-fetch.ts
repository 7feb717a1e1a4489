import type { Dispatcher } from 'undici'
import { createAgent, undiciFetch } from '../http/index.ts'
import { checkedFetch } from './checked-fetch.ts'

/** The network of a model. */
export interface ModelFetchOptions {
  readonly connectTimeoutMs?: number | undefined
  readonly maxResponseBytes?: number | undefined
  readonly dispatcher?: Dispatcher | undefined
}

/** The `fetch` that a provider of the AI SDK is given: over our connections, and with a look at what calls itself a success. */
export function modelFetch(options: ModelFetchOptions, service: string): typeof globalThis.fetch {
  const { connectTimeoutMs, maxResponseBytes } = options
  const dispatcher = options.dispatcher ?? createAgent(connectTimeoutMs === undefined ? {} : { connectTimeoutMs })
  return checkedFetch(undiciFetch(dispatcher, maxResponseBytes === undefined ? {} : { maxResponseBytes }), service)
}
