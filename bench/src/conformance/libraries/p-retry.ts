import pRetry from 'p-retry'
import { versionOf } from './version.ts'
import type { Library } from '../subject.ts'

export const pRetryLibrary: Library = {
  name: 'p-retry',
  version: versionOf('p-retry'),
  takesSignal: true,
  givesSignal: false,
  retry:
    ({ maxRetries, delayMs, factor, maxDelayMs }) =>
    (work, signal) =>
      pRetry(() => work({ signal }), {
        retries: maxRetries,
        minTimeout: delayMs,
        maxTimeout: maxDelayMs,
        factor,
        ...(signal === undefined ? {} : { signal }),
      }),
}
