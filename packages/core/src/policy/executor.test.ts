import { describe, expect, it } from 'vitest'
import {
  createAdaptiveConcurrency,
  createBulkhead,
  createCapacity,
  createGoodputLimit,
  createRateLimiter,
  createThrottle,
} from '../admission/index.ts'
import { createBreaker } from '../breaker/create-breaker.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { fakeClock } from '../testing/index.ts'
import type { AdmissionPolicy, AdmissionRequest, Permit, Rejection } from './admission.ts'
import { Executor } from './executor.ts'

const name = 'crm'
const down = Object.assign(new Error('down'), { status: 503 })

const POLICIES: Readonly<Record<string, () => AdmissionPolicy>> = {
  'a breaker': () => createBreaker({ name, clock: fakeClock() }),
  'a bulkhead': () => createBulkhead({ name, clock: fakeClock() }),
  'a rate limiter': () => createRateLimiter({ name, limit: 10, clock: fakeClock() }),
  'a throttle': () => createThrottle({ name, clock: fakeClock() }),
  'an adaptive limit': () => createAdaptiveConcurrency({ name, clock: fakeClock() }),
  'a goodput limit': () => createGoodputLimit({ name, timeoutMs: 1_000, clock: fakeClock() }),
  capacity: () => createCapacity({ name, clock: fakeClock() }),
}

describe.each(Object.entries(POLICIES))('%s on its own', (_, make) => {
  it('performs work, and brings out what it gives or throws as it is', async () => {
    const policy = make()
    expect(await policy.execute(() => 'at once')).toBe('at once')
    expect(await policy.execute(async () => 'later')).toBe('later')
    await expect(policy.execute(() => Promise.reject(down))).rejects.toBe(down)
    const thrown = (): never => {
      throw down
    }
    await expect(policy.execute(thrown)).rejects.toBe(down)
  })

  it('refuses what cannot be called before it takes anything', async () => {
    const policy = make()
    const acquired: unknown[] = []
    const acquire = policy.acquire.bind(policy)
    Object.assign(policy, { acquire: (request: AdmissionRequest) => (acquired.push(request), acquire(request)) })
    const call = policy.execute(Promise.resolve(1) as never)
    await expect(call).rejects.toThrow('operation must be a function, but is an instance of Promise')
    expect(acquired).toEqual([])
  })

  it('does nothing for a caller who has left', async () => {
    let made = 0
    const left = make().execute(() => (made += 1), { signal: AbortSignal.abort('left') })
    await expect(left).rejects.toBe('left')
    expect(made).toBe(0)
  })
})

describe('work through one policy', () => {
  it('opens a circuit when it fails, and not when its caller is to blame', async () => {
    const breaker = createBreaker({ name, minimumCalls: 2, consecutiveFailures: 2, clock: fakeClock() })
    const wrong = Object.assign(new Error('wrong'), { status: 404 })
    for (let call = 0; call < 5; call++) await expect(breaker.execute(() => Promise.reject(wrong))).rejects.toBe(wrong)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 5, failures: 0 } })
    for (let call = 0; call < 2; call++) await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down)
    let made = 0
    await expect(breaker.execute(() => (made += 1))).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' })
    expect(made).toBe(0)
  })

  it('tells the circuit how long the dependency asks to be left alone', async () => {
    const clock = fakeClock()
    const breaker = createBreaker({ name, consecutiveFailures: 1, openJitter: 0, clock })
    const busy = Object.assign(new Error('busy'), { status: 503, headers: { 'retry-after': '30' } })
    await expect(breaker.execute(() => Promise.reject(busy))).rejects.toBe(busy)
    expect(breaker.snapshot().nextProbeInMs).toBe(30_000)
  })

  it('counts as nothing when its caller has left meanwhile', async () => {
    const breaker = createBreaker({ name, consecutiveFailures: 1, clock: fakeClock() })
    const controller = new AbortController()
    const call = breaker.execute(
      async () => {
        controller.abort('left')
        throw down
      },
      { signal: controller.signal },
    )
    await expect(call).rejects.toBe(down)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 } })
  })

  it('waits for its turn, and gives its slot back however it ends', async () => {
    const clock = fakeClock()
    const bulkhead = createBulkhead({ name, maxConcurrent: 1, maxQueued: 2, maxQueueMs: 1_000, clock })
    const first = bulkhead.execute(() => clock.sleep(100).then(() => Promise.reject(down)))
    const second = bulkhead.execute(() => 'second')
    const controller = new AbortController()
    const third = bulkhead.execute(() => 'third', { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('left')
    expect(await third).toBe('left')
    const failed = expect(first).rejects.toBe(down)
    await clock.advance(100)
    await failed
    expect(await second).toBe('second')
    expect(bulkhead).toMatchObject({ running: 0, queued: 0 })
  })

  it('is not done when its caller leaves just after its turn has come', async () => {
    const controller = new AbortController()
    const ends: unknown[] = []
    class Late extends Executor {
      tryAcquire(): Permit {
        return { admitted: true, settle: (outcome) => (ends.push(outcome), outcome) }
      }

      async acquire(_request?: AdmissionRequest): Promise<Permit | Rejection> {
        controller.abort('left')
        return this.tryAcquire()
      }
    }
    let made = 0
    await expect(new Late().execute(() => (made += 1), { signal: controller.signal })).rejects.toBe('left')
    expect([made, ends]).toEqual([0, ['ignored']])
  })

  it('rejects with the refusal, which is one of ours', async () => {
    const refused: unknown = await createBulkhead({ name, maxConcurrent: 0 })
      .execute(() => 1)
      .catch((error: unknown) => error)
    expect(HoldfastError.isInstance(refused) && refused.code).toBe('BULKHEAD_FULL')
  })
})
