import { chromium } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 10 * 60_000

/** Runs the tests of the packages. In CI they need Chromium; on a machine without it, what is tested in it is skipped, loudly. */
export function unit(): Promise<GateResult> {
  const browser = { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE CHAT PAGE WAS NOT TESTED.' }
  return withServices([browser], (env) => vitest('vitest.config.ts', { env, limitMs: LIMIT_MS }))
}
