import { chromium, postgres, redis } from '../services.ts'
import type { GateResult } from './gate.ts'
import { vitest } from './tests.ts'
import type { NeededService } from './with-services.ts'
import { withServices } from './with-services.ts'

const LIMIT_MS = 12 * 60_000

/** The tests of what is kept, which wait for databases and queues more than they work, and measure no times. */
const KEPT = [
  'test/backup.test.ts',
  'test/events.test.ts',
  'test/intake.test.ts',
  'test/jobs/',
  'test/journal.test.ts',
  'test/requests-outage.test.ts',
  'test/requests.test.ts',
  'test/store/',
  'test/webhooks-of-a-server.test.ts',
  'test/webhooks/',
  'test/workflows/',
]

function services(): readonly NeededService[] {
  return [
    { service: chromium(), variable: 'CHROMIUM_PATH', untested: 'THE PAGE WAS NOT TESTED.' },
    { service: postgres(), variable: 'POSTGRES_PATH', untested: 'NOTHING WAS TESTED ON A DATABASE SERVER.' },
    { service: redis(), variable: 'REDIS_PATH', untested: 'NOTHING WAS TESTED ON REDIS.' },
  ]
}

/** Runs the tests of answers from outside, one file after the other. In CI they need Chromium; on a machine without, its tests are skipped, loudly. */
export function endToEnd(): Promise<GateResult> {
  const others = KEPT.map((path) => `--exclude=${path}${path.endsWith('/') ? '**' : ''}`)
  return withServices(services(), (env) => vitest('vitest.e2e.config.ts', { env, limitMs: LIMIT_MS }, others))
}

/** Runs the tests of what is kept, two files at a time. In CI they need PostgreSQL and Redis. */
export function kept(): Promise<GateResult> {
  const twoAtATime = ['--file-parallelism', '--max-workers=2', ...KEPT]
  return withServices(services(), (env) => vitest('vitest.e2e.config.ts', { env, limitMs: LIMIT_MS }, twoAtATime))
}
