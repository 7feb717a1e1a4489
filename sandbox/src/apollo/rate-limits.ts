/** What the caller may still do, as headers, and whether this request was one too many. */
export interface RateLimitUse {
  readonly headers: Readonly<Record<string, string>>
  readonly exceeded?: { readonly retryAfterSeconds: number }
}

const WINDOWS = [
  { header: 'minute', windowMs: 60_000, limit: 100_000 },
  { header: 'hourly', windowMs: 3_600_000, limit: 1_000_000 },
  { header: 'daily', windowMs: 86_400_000, limit: 10_000_000 },
] as const

/**
 * Fixed windows per endpoint that open with the first request in them, as Apollo's do. The limits are far above a plan's, so that a load
 * test does not meet them by accident; the `rate-limit` fault is for meeting one on purpose.
 */
export function createRateLimits(now: () => number): { use(endpoint: string): RateLimitUse } {
  const endpoints = new Map<string, { startedAt: number; used: number }[]>()
  return {
    use(endpoint) {
      const at = now()
      let windows = endpoints.get(endpoint)
      if (windows === undefined) {
        windows = WINDOWS.map(() => ({ startedAt: at, used: 0 }))
        // Only paths that exist get here with a key, but a caller may make up any number of them.
        if (endpoints.size < 100) endpoints.set(endpoint, windows)
      }
      const headers: Record<string, string> = {}
      let retryAfterSeconds: number | undefined
      for (const [index, { header, windowMs, limit }] of WINDOWS.entries()) {
        const window = windows[index]!
        if (at - window.startedAt >= windowMs) {
          window.startedAt = at
          window.used = 0
        }
        window.used += 1
        if (window.used > limit) retryAfterSeconds = Math.ceil((window.startedAt + windowMs - at) / 1_000)
        headers[`x-rate-limit-${header}`] = String(limit)
        headers[`x-${header}-usage`] = String(window.used)
        headers[`x-${header}-requests-left`] = String(Math.max(0, limit - window.used))
      }
      return { headers, ...(retryAfterSeconds === undefined ? {} : { exceeded: { retryAfterSeconds } }) }
    },
  }
}
