import { chromium } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 12 * 60_000

/** Runs the tests from outside. In CI they need Chromium; on a machine without it, its test is skipped, loudly. */
export function endToEnd(): Promise<GateResult> {
  const browser = { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE PAGE WAS NOT TESTED.' }
  return withServices([browser], (env) => vitest('vitest.e2e.config.ts', { env, limitMs: LIMIT_MS }))
}
