import type { Random } from '@holdfast/core'
import { seededRandom } from '@holdfast/core/testing'
import { VirtualTime } from '../virtual-time/virtual-time.ts'
import { Service, type Condition } from './service.ts'

export const OFFERED_PER_SECOND = 80
export const WELL_BEFORE_MS = 30_000
export const TROUBLE_MS = 20_000
const WELL_AFTER_MS = 60_000
export const TROUBLE_ENDS = WELL_BEFORE_MS + TROUBLE_MS
const END = TROUBLE_ENDS + WELL_AFTER_MS
const ATTEMPT_TIMEOUT_MS = 1_000
const RECOVERED_SHARE = 0.95
/** A recovery has to last this long to be one. */
const RECOVERED_FOR_MS = 10_000

/** What a contestant is made with. */
export interface World {
  readonly service: Service
  readonly time: VirtualTime
  readonly random: Random
  readonly attemptTimeoutMs: number
}

/** One way to call the service: resolves when the caller has an answer, rejects when it has none. */
export type Client = () => Promise<unknown>

export type MakeClient = (world: World) => Client

interface Request {
  readonly at: number
  endedAt: number
  isServed: boolean
}

/** How one contestant went through one trouble. */
export interface Outcome {
  /** Requests that reached the service for each that a caller made during the trouble. */
  readonly attemptsPerRequest: number
  /** The same over the whole run. */
  readonly attemptsPerRequestOverall: number
  /** Callers that got an answer, per second of the trouble. */
  readonly servedPerSecond: number
  /** Share of the callers that got an answer before the trouble. */
  readonly servedBefore: number
  /** From the end of the trouble until at least 95 % of the callers of each second that follows get an answer; `Infinity` for never. */
  readonly recoveryMs: number
  /** Callers that got an answer, by the second they got it in. */
  readonly served: readonly number[]
  /** Requests that reached the service, by second. */
  readonly attempts: readonly number[]
  /** The service's queue at the end of each second. */
  readonly queued: readonly number[]
}

/** Takes a contestant through a trouble, in virtual time. */
export async function simulate(make: MakeClient, trouble: Condition, seed: number): Promise<Outcome> {
  const time = new VirtualTime(1_000_000)
  const start = time.now
  const service = new Service(time)
  const putBack = time.install(seededRandom(seed + 1))
  try {
    const client = make({ service, time, random: seededRandom(seed + 2), attemptTimeoutMs: ATTEMPT_TIMEOUT_MS })
    const requests: Request[] = []
    const queued: number[] = []
    const arrivals = seededRandom(seed)
    const arrive = (): void => {
      const request: Request = { at: time.now - start, endedAt: Infinity, isServed: false }
      requests.push(request)
      const end = (isServed: boolean) => (): void => {
        request.endedAt = time.now - start
        request.isServed = isServed
      }
      client().then(end(true), end(false))
      next()
    }
    const next = (): void => {
      const gapMs = (-Math.log(1 - arrivals()) * 1_000) / OFFERED_PER_SECOND
      if (time.now - start + gapMs < END) time.after(gapMs, arrive)
    }
    time.after(WELL_BEFORE_MS, () => void (service.condition = trouble))
    time.after(TROUBLE_ENDS, () => void (service.condition = 'well'))
    next()
    for (let second = 1; second * 1_000 <= END; second++) {
      await time.advance(1_000)
      queued.push(service.queued)
    }
    // Whoever still waits may get an answer.
    await time.advance(120_000)
    return outcome(
      requests,
      service.arrivals.map((at) => at - start),
      queued,
    )
  } finally {
    putBack()
  }
}

function outcome(requests: readonly Request[], attempts: readonly number[], queued: readonly number[]): Outcome {
  const isInTrouble = (at: number): boolean => at >= WELL_BEFORE_MS && at < TROUBLE_ENDS
  const servedInTrouble = requests.filter(({ isServed, endedAt }) => isServed && isInTrouble(endedAt)).length
  const before = requests.filter(({ at }) => at < WELL_BEFORE_MS - ATTEMPT_TIMEOUT_MS)
  return {
    attemptsPerRequest: attempts.filter(isInTrouble).length / requests.filter(({ at }) => isInTrouble(at)).length,
    attemptsPerRequestOverall: attempts.length / requests.length,
    servedPerSecond: servedInTrouble / (TROUBLE_MS / 1_000),
    servedBefore: before.filter(({ isServed }) => isServed).length / before.length,
    recoveryMs: recovery(requests),
    served: perSecond(requests.filter(({ isServed }) => isServed).map(({ endedAt }) => endedAt)),
    attempts: perSecond(attempts),
    queued,
  }
}

function perSecond(times: readonly number[]): number[] {
  const counts = new Array<number>(END / 1_000).fill(0)
  for (const at of times) {
    const second = Math.floor(at / 1_000)
    if (second < counts.length) counts[second] = (counts[second] ?? 0) + 1
  }
  return counts
}

/** Steps of 50 ms: the first one from which on every second of the next ten is well. */
function recovery(requests: readonly Request[]): number {
  const STEP_MS = 50
  let wellSince: number | undefined
  for (let from = TROUBLE_ENDS; from + 1_000 <= END; from += STEP_MS) {
    const inWindow = requests.filter(({ at }) => at >= from && at < from + 1_000)
    const served = inWindow.filter(({ isServed }) => isServed).length
    if (served < RECOVERED_SHARE * inWindow.length) wellSince = undefined
    else wellSince ??= from
    if (wellSince !== undefined && from - wellSince >= RECOVERED_FOR_MS) break
  }
  return wellSince === undefined ? Infinity : wellSince - TROUBLE_ENDS
}
