import { postgres } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import { withService } from './with-service.ts'

const LIMIT_MS = 10 * 60_000

/** Runs the tests of the packages. In CI they need PostgreSQL; on a machine without it, what is tested on it is skipped, loudly. */
export function unit(): Promise<GateResult> {
  const untested = 'THE STORE WAS NOT TESTED ON A SERVER.'
  return withService({ service: postgres(), variable: 'POSTGRES_PATH', untested }, (env) =>
    vitest('vitest.config.ts', { env, limitMs: LIMIT_MS }),
  )
}
