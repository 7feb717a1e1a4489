import { chromium } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'

const LIMIT_MS = 12 * 60_000

/** Runs the tests from outside. In CI they need Chromium; on a machine without it, its test is skipped, loudly. */
export async function endToEnd(): Promise<GateResult> {
  const browser = chromium()
  if ('path' in browser)
    return vitest('vitest.e2e.config.ts', { env: { CHROMIUM_PATH: browser.path }, limitMs: LIMIT_MS })
  if (process.env['CI'] === 'true') return { ok: false, output: `${browser.missing}\n` }
  const result = await vitest('vitest.e2e.config.ts', { limitMs: LIMIT_MS })
  return { ...result, notes: [...(result.notes ?? []), `THE PAGE WAS NOT TESTED. ${browser.missing}`] }
}
