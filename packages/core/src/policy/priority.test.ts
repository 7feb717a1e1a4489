import { describe, expect, it } from 'vitest'
import { createAdaptiveConcurrency } from '../adaptive-concurrency/create-adaptive-concurrency.ts'
import { createBulkhead } from '../bulkhead/create-bulkhead.ts'
import { createCapacity } from '../capacity/create-capacity.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import { fakeClock } from '../testing/index.ts'
import { createThrottle } from '../throttle/create-throttle.ts'
import type { Admission, Priority } from './admission.ts'
import { PRIORITIES, rankOf } from './priority.ts'

const clock = fakeClock()
const UNKNOWN = 'hgih' as Priority
const refusal = { code: 'INVALID_OPTION', message: "call.priority must be 'high' or 'medium' or 'low', but is 'hgih'" }

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('it threw nothing')
}

/** Every policy that asks for a priority, as it is when there is room for all, and when there is not. */
const POLICIES: readonly [string, () => Admission & { snapshot(): unknown }][] = [
  ['a bulkhead', () => createBulkhead({ name: 'crm', maxConcurrent: 5, clock })],
  ['a bulkhead that is full', () => createBulkhead({ name: 'crm', maxConcurrent: 0, maxQueued: 0, clock })],
  ['a bulkhead with a queue', () => createBulkhead({ name: 'crm', maxConcurrent: 0, maxQueued: 5, clock })],
  ['adaptive concurrency', () => createAdaptiveConcurrency({ name: 'crm', clock })],
  ['a capacity for all', () => createCapacity({ name: 'crm', clock })],
  ['a capacity for half', () => createCapacity({ name: 'crm', share: 0.5, clock })],
  ['a throttle', () => createThrottle({ name: 'crm', clock })],
]

describe('a priority', () => {
  it('has its place, and without one that of medium', () => {
    expect([...PRIORITIES, undefined].map(rankOf)).toEqual([0, 1, 2, 1])
  })

  it.each([UNKNOWN, 'HIGH', '', 0, null])('that is none is refused: %j', (word) => {
    expect(() => rankOf(word as never)).toThrow(/^call.priority must be 'high' or 'medium' or 'low', but is /)
  })

  it.each(POLICIES)('that is none is refused by %s, which takes no notice otherwise', (_what, make) => {
    const policy = make()
    const before = policy.snapshot()
    expect(thrownBy(() => policy.tryAcquire({ priority: UNKNOWN, session: 'one' }))).toMatchObject(refusal)
    expect(thrownBy(() => policy.acquire({ priority: UNKNOWN, session: 'one' }))).toMatchObject(refusal)
    expect(policy.snapshot()).toEqual(before)
  })

  it('that is none leaves no credit with a capacity', () => {
    const asked = createCapacity({ name: 'crm', share: 0.5, clock })
    const fresh = createCapacity({ name: 'crm', share: 0.5, clock })
    for (let call = 0; call < 100; call++) thrownBy(() => asked.tryAcquire({ priority: UNKNOWN }))
    const admitted = (capacity: Admission): boolean[] =>
      Array.from({ length: 30 }, () => capacity.tryAcquire({ priority: 'low' }).admitted)
    expect(admitted(asked)).toEqual(admitted(fresh))
  })

  it('that is none ends a call, which leaves nothing behind at the policies that were asked before', async () => {
    const first = createBulkhead({ name: 'first', maxConcurrent: 1, clock })
    const capacity = createCapacity({ name: 'second', clock })
    // Asks without a priority, so that the one behind it is the first to see it.
    const blind: Admission = { tryAcquire: () => first.tryAcquire(), acquire: () => first.acquire() }
    const crm = createIntegration({ name: 'crm', admissions: [blind, capacity], clock })
    crm.circuit.open()
    await clock.advance(1_000)
    let calls = 0
    const operation = (): number => ++calls
    await expect(crm.call(operation, { priority: UNKNOWN })).rejects.toMatchObject(refusal)
    await expect(
      pipeline([blind, capacity], { clock }).execute(operation, { priority: UNKNOWN }),
    ).rejects.toMatchObject(refusal)
    expect([calls, first.running, crm.circuit.state]).toEqual([0, 0, 'half-open'])
    // The one slot and the one probe are there.
    await expect(crm.call(operation, { priority: 'high' })).resolves.toBe(1)
  })
})
