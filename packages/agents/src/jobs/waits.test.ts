import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import type { FoundJob, JobDriver, OnSettled } from './driver.ts'
import { Waits } from './waits.ts'

const JOB = { queue: 'search', id: 'job-1' }

/** A queue whose answers the test gives. */
function queue() {
  const clock = fakeClock()
  const hints = new Map<string, OnSettled>()
  const driver = {
    watch: (of: string, onSettled: OnSettled) => {
      hints.set(of, onSettled)
      return Promise.resolve(() => Promise.resolve())
    },
  } as unknown as JobDriver
  const looks: PromiseWithResolvers<Partial<FoundJob> | undefined>[] = []
  const waits = new Waits(driver, clock, () => {
    const look = Promise.withResolvers<Partial<FoundJob> | undefined>()
    looks.push(look)
    return look.promise as Promise<FoundJob | undefined>
  })
  const hint = (of: string, ...about: Parameters<OnSettled>): void => hints.get(of)?.(...about)
  const settle = (): Promise<void> => clock.advance(0)
  return { clock, waits, looks, hint, settle, wait: (job = JOB) => waits.result(job, 60_000, undefined) }
}

describe('who waits for a result', () => {
  it('has it from the hint that brings it, while he looks, and looks no more', async () => {
    const { wait, looks, hint } = queue()
    const result = wait()
    hint('search', JOB.id, { result: { flights: 3 } })
    expect(await result).toEqual({ flights: 3 })
    expect(looks).toHaveLength(1)
    looks[0]!.reject(new Error('away'))
  })

  it('has it from the hint that brings it, between two looks', async () => {
    const { wait, looks, hint, settle } = queue()
    const result = wait()
    looks[0]!.resolve({ state: 'running' })
    await settle()
    hint('search', JOB.id, { result: null })
    expect(await result).toBe(null)
    expect(looks).toHaveLength(1)
  })

  it('looks again at once after a hint that brings nothing, also one that comes while he looks', async () => {
    const { wait, looks, hint, settle } = queue()
    const result = wait()
    hint('search', JOB.id)
    looks[0]!.resolve({ state: 'running' })
    await settle()
    expect(looks).toHaveLength(2)
    looks[1]!.resolve({ state: 'running' })
    await settle()
    expect(looks).toHaveLength(2)
    hint('search', JOB.id)
    await settle()
    expect(looks).toHaveLength(3)
    looks[2]!.resolve({ state: 'completed', result: 7 })
    expect(await result).toBe(7)
  })

  it('looks by himself when no hint comes, ever more seldom', async () => {
    const { wait, looks, clock } = queue()
    const result = wait()
    const times: number[] = []
    for (let seen = 0; seen < 10;) {
      if (looks.length > seen) {
        times.push(clock.now())
        looks[seen]!.resolve({ state: 'waiting' })
        seen += 1
      }
      await clock.advance(5)
    }
    const gaps = times.slice(1).map((time, index) => time - times[index]!)
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
    expect(gaps[0]).toBeLessThanOrEqual(10)
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(1_000)
    looks.at(-1)!.resolve({ state: 'completed', result: 1 })
    await clock.advance(2_000)
    looks.at(-1)!.resolve({ state: 'completed', result: 1 })
    expect(await result).toBe(1)
  })

  it('has a copy of his own', async () => {
    const { wait, hint } = queue()
    const [one, other] = [wait(), wait()]
    const result = { flights: [1] }
    hint('search', JOB.id, { result })
    const [first, second] = (await Promise.all([one, other])) as (typeof result)[]
    first!.flights.push(2)
    expect(second).toEqual({ flights: [1] })
    expect(result).toEqual({ flights: [1] })
  })

  it('is not told of the job of another queue that has the same id', async () => {
    const { wait, looks, hint, settle } = queue()
    const other = wait({ queue: 'proposal', id: JOB.id })
    const result = wait()
    hint('search', JOB.id, { result: 'searched' })
    expect(await result).toBe('searched')
    looks[0]!.resolve(undefined)
    await expect(other).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    await settle()
  })
})
