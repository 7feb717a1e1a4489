import { chromium, postgres, redis } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 12 * 60_000

/** Runs the tests from outside. In CI they need Chromium, PostgreSQL and Redis; on a machine without one, its tests are skipped, loudly. */
export function endToEnd(): Promise<GateResult> {
  const needed = [
    { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE PAGE WAS NOT TESTED.' },
    { service: postgres(), variable: 'POSTGRES_PATH', untested: 'NOTHING WAS TESTED ON A DATABASE SERVER.' },
    { service: redis(), variable: 'REDIS_PATH', untested: 'NOTHING WAS TESTED ON REDIS.' },
  ]
  return withServices(needed, (env) => vitest('vitest.e2e.config.ts', { env, limitMs: LIMIT_MS }))
}
