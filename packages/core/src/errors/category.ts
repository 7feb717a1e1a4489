/**
 * What went wrong, in one word that decides what happens next: whether to retry, whether it counts against the
 * dependency, whether another tier should try. The table that decides it is `CATEGORY_RULES`.
 *
 * - `timeout`: an attempt, a first output, a silence or the whole call took too long.
 * - `network`: refused, reset, unresolvable, or broken off.
 * - `rate-limit`: the dependency asked us to slow down (429).
 * - `quota`: the account is used up; waiting a moment does not help.
 * - `overloaded`: the dependency is shedding load (503, 529).
 * - `server`: the dependency failed (other 5xx).
 * - `malformed`: a reply that says success but cannot be used: empty, broken JSON, the wrong shape, half a stream.
 * - `client`: the request itself was wrong (other 4xx).
 * - `validation`: the request failed our own check before it was sent.
 * - `auth`: the credential is missing, wrong or not allowed.
 * - `configuration`: the dependency is reachable but not set up (an n8n workflow that is not active, say).
 * - `context-length`: the prompt is too long for the model.
 * - `cancelled`: the caller gave up. Never a failure of the dependency.
 * - `rejected`: a policy of ours refused the call before it reached the dependency.
 * - `exhausted`: every way to answer was tried and none did.
 * - `unknown`: none of the above could be told.
 */
export type ErrorCategory =
  | 'timeout'
  | 'network'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'server'
  | 'malformed'
  | 'client'
  | 'validation'
  | 'auth'
  | 'configuration'
  | 'context-length'
  | 'cancelled'
  | 'rejected'
  | 'exhausted'
  | 'unknown'
