import type { Clock } from '../clock/clock.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { CheckResult } from './monitor.ts'
import type { Target } from './target.ts'

/** A check that hangs is not begun again for this many intervals. */
const HANGING_INTERVALS = 10

/** One check under way. It stays with its target until its work has ended, also after its verdict. */
export interface Run {
  readonly startedAt: number
  readonly limitAt: number
  readonly abort: AbortController
  readonly result: Promise<CheckResult>
  readonly resolve: (result: CheckResult) => void
  /** Whether the verdict is given. */
  isOver: boolean
}

/** Who has checks run. */
export interface CheckHost {
  readonly clock: Clock
  /** Takes the verdict on a check. */
  judged(target: Target, startedAt: number, outcome: CheckResult['outcome'], code?: string): CheckResult
}

/**
 * Runs the check of a target, unless it runs already; never rejects. One that hangs on after its time limit counts as failed again; one that was
 * called off and has that time still says nothing.
 */
export function runCheck(host: CheckHost, target: Target): Promise<CheckResult> | undefined {
  const { check, intervalMs, timeoutMs } = target.options
  if (check === undefined) return undefined
  const now = host.clock.now()
  const { run: earlier } = target
  if (earlier?.isOver === false) return earlier.result
  if (earlier !== undefined && now < earlier.limitAt) {
    return Promise.resolve(host.judged(target, now, 'ignored', 'CANCELLED'))
  }
  if (earlier !== undefined && now - earlier.startedAt < HANGING_INTERVALS * intervalMs) {
    return Promise.resolve(host.judged(target, earlier.startedAt, 'failed', 'ATTEMPT_TIMEOUT'))
  }
  const { promise: result, resolve } = Promise.withResolvers<CheckResult>()
  const abort = new AbortController()
  const run: Run = { startedAt: now, limitAt: now + timeoutMs, abort, result, resolve, isOver: false }
  target.run = run
  const end = (outcome: CheckResult['outcome'], code?: string): void => {
    if (target.run === run) target.run = undefined
    giveVerdict(host, target, run, outcome, code)
  }
  new Promise((done) => done(check({ signal: abort.signal, timeLeftMs: timeoutMs })))
    .then(
      () => end('passed'),
      (thrown: unknown) => {
        const { category, code } = toHoldfastError(thrown, target.name, host.clock)
        end(category === 'rejected' ? 'ignored' : 'failed', code)
      },
    )
    // What was thrown cannot even be looked at, such as a revoked proxy.
    .catch(() => end('failed', 'UNKNOWN'))
  return result
}

/** Gives the verdict on the check of a target that is under way, and aborts it. */
export function cutCheck(host: CheckHost, target: Target, outcome: CheckResult['outcome'], code: string): void {
  const { run } = target
  if (run === undefined || run.isOver) return
  giveVerdict(host, target, run, outcome, code)
  run.abort.abort(new Error(`the check of ${target.name} was called off`))
}

function giveVerdict(host: CheckHost, target: Target, run: Run, outcome: CheckResult['outcome'], code?: string): void {
  if (run.isOver) return
  run.isOver = true
  run.resolve(host.judged(target, run.startedAt, outcome, code))
}
