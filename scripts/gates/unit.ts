import { postgresql } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'

const LIMIT_MS = 600_000

/** Runs the tests beside the source. In CI they need PostgreSQL; on a machine without it, its tests are skipped, loudly. */
export async function unit(): Promise<GateResult> {
  const service = postgresql()
  if ('path' in service) return vitest('vitest.config.ts', { env: { POSTGRESQL_BIN: service.path }, limitMs: LIMIT_MS })
  if (process.env['CI'] === 'true') return { ok: false, output: `${service.missing}\n` }
  const result = await vitest('vitest.config.ts', { limitMs: LIMIT_MS })
  return { ...result, notes: [...(result.notes ?? []), `THE STORE WAS NOT TESTED ON POSTGRESQL. ${service.missing}`] }
}
