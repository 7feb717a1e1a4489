import { chromium, postgres } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 10 * 60_000

/** Runs the tests of the packages. In CI they need Chromium and PostgreSQL; on a machine without one, what is tested on it is skipped, loudly. */
export function unit(): Promise<GateResult> {
  const browser = { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE CHAT PAGE WAS NOT TESTED.' }
  const database = { service: postgres(), variable: 'POSTGRES_PATH', untested: 'THE STORE WAS NOT TESTED ON A SERVER.' }
  return withServices([browser, database], (env) => vitest('vitest.config.ts', { env, limitMs: LIMIT_MS }))
}
