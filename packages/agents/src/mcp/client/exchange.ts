import { AsyncLocalStorage } from 'node:async_hooks'

/** What the transport learns of one request beside its reply, which the protocol's own errors do not say. */
export interface Exchange {
  /** What broke the reply off. */
  failure?: unknown
  /** `Retry-After` of a reply that says failure. */
  retryAfter?: string
}

/** The exchange that is under way, from the call down to `fetch`. */
export const exchanges: AsyncLocalStorage<Exchange> = new AsyncLocalStorage()
