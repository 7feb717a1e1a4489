import { chromium, postgres, redis } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import type { NeededService } from './with-services.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 15 * 60_000

/** Load and times are measured in these: nothing may run beside them. */
const ALONE = ['test/emergency.test.ts', 'test/faults.test.ts', 'test/helpdesk-ladder.test.ts', 'test/soak.test.ts']

function services(): readonly NeededService[] {
  return [
    { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE PAGE WAS NOT TESTED.' },
    { service: postgres(), variable: 'POSTGRES_PATH', untested: 'NOTHING WAS TESTED ON A DATABASE SERVER.' },
    { service: redis(), variable: 'REDIS_PATH', untested: 'NOTHING WAS TESTED ON REDIS.' },
  ]
}

/** Runs tests from outside. In CI they need Chromium, PostgreSQL and Redis; on a machine without, what needs them is skipped, loudly. */
function fromOutside(args: readonly string[]): Promise<GateResult> {
  return withServices(services(), (env) => vitest('vitest.e2e.config.ts', { env, limitMs: LIMIT_MS }, args))
}

/** Most tests wait, for time limits, databases and queues, more than they work: three files at a time. */
export function beside(): Promise<GateResult> {
  return fromOutside(['--file-parallelism', '--max-workers=3', ...ALONE.map((path) => `--exclude=${path}`)])
}

/** The rest, one file after the other. */
export function alone(): Promise<GateResult> {
  return fromOutside(ALONE)
}
