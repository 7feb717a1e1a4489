import { equal, ok } from 'node:assert/strict'
import { createAdaptiveConcurrency, createThrottle } from '@holdfast/core/admission'
import { createHedge, createRetry, pipeline } from '@holdfast/core'
import { seededRandom } from '@holdfast/core/testing'
import type { World } from '../subject.ts'

const SERVERS = 20
const SERVICE_MS = 50
const OFFERED_PER_SECOND = 600

/** B36: in front of twenty servers that are offered half as much again as they can do, for a minute. */
export async function adaptiveLimit({ time }: World): Promise<void> {
  const adaptive = createAdaptiveConcurrency({ name: 'subject' })
  const random = seededRandom(7)
  const waiting: (() => void)[] = []
  let busy = 0
  const serve = (): void => {
    const done = waiting.shift()
    if (done === undefined || busy >= SERVERS) {
      if (done !== undefined) waiting.unshift(done)
      return
    }
    busy += 1
    time.after(SERVICE_MS, () => {
      busy -= 1
      done()
      serve()
    })
  }
  const arrive = (): void => {
    const permit = adaptive.tryAcquire()
    if (permit.admitted) {
      waiting.push(() => permit.settle('success'))
      serve()
    }
    time.after((-Math.log(1 - random()) * 1_000) / OFFERED_PER_SECOND, arrive)
  }
  arrive()
  const limits: number[] = []
  for (let second = 0; second < 60; second++) {
    await time.advance(1_000)
    if (second >= 20) limits.push(adaptive.limit)
  }
  const least = Math.min(...limits)
  const most = Math.max(...limits)
  ok(
    least >= SERVERS / 2 && most <= SERVERS * 2,
    `the limit is between ${least} and ${most} where ${SERVERS} can run at once`,
  )
}

/** B37: requests that hang are counted although none of them has ended. */
export async function throttleCounts({ time }: World): Promise<void> {
  const throttle = createThrottle({ name: 'subject' })
  let refused = 0
  for (let second = 0; second < 110; second++) {
    for (let request = 0; request < 5; request++) if (!throttle.tryAcquire().admitted) refused += 1
    await time.advance(1_000)
  }
  ok(refused > 50, `${refused} of 550 requests are refused while all of them hang`)
}

/** B38: a hedge that may not be made costs nothing. */
export async function hedgeBudget({ time, watch }: World): Promise<void> {
  const hedged = pipeline(
    [createRetry({ maxRetries: 0, budgetFloor: 0, budgetRatio: 0 }), createHedge({ delayMs: 20 })],
    { idempotent: true },
  )
  let calls = 0
  const call = watch(
    hedged.execute(() => {
      calls += 1
      return new Promise((resolve) => void time.after(100, () => resolve('well')))
    }),
  )
  await time.advance(100)
  equal(calls, 1, `${calls} attempts without a budget`)
  equal(call.value, 'well', `the call is ${call.state}: ${String(call.value)}`)
}
