import { describe, expect, it } from 'vitest'
import { fakeClock } from './fake-clock.ts'
import { scriptedOperation } from './scripted-operation.ts'
import { seededRandom } from './seeded-random.ts'

describe('the fake clock', () => {
  it('runs timers at their own time and in order, the earlier set first when two are due at once', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    clock.schedule(20, () => void seen.push(`b at ${clock.now()}`))
    clock.schedule(10, () => void seen.push(`a at ${clock.now()}`))
    clock.schedule(20, () => void seen.push(`c at ${clock.now()}`))
    await clock.advance(15)
    expect(seen).toEqual(['a at 10'])
    expect([clock.now(), clock.pending]).toEqual([15, 2])
    await clock.advance(5)
    expect(seen).toEqual(['a at 10', 'b at 20', 'c at 20'])
  })

  it('reaches a sleep that begins behind nested awaits', async () => {
    const clock = fakeClock()
    const nested = async (): Promise<number> => {
      for (let i = 0; i < 20; i++) await Promise.resolve()
      await clock.sleep(10)
      for (let i = 0; i < 20; i++) await Promise.resolve()
      await clock.sleep(10)
      return clock.now()
    }
    const work = nested()
    await clock.advance(20)
    expect(await work).toBe(20)
  })

  it('counts the timers that wait', async () => {
    const clock = fakeClock()
    const task = clock.schedule(10, () => undefined)
    expect(clock.pending).toBe(1)
    task.cancel()
    expect(clock.pending).toBe(0)
  })

  it('keeps its monotonic time when the wall clock is set', async () => {
    const clock = fakeClock({ now: 5, wallTime: 1_000 })
    await clock.advance(10)
    expect([clock.now(), clock.wallTime()]).toEqual([15, 1_010])
    clock.setWallTime(50)
    await clock.advance(10)
    expect([clock.now(), clock.wallTime()]).toEqual([25, 60])
  })
})

describe('seeded randomness', () => {
  it('is the same for the same seed, another for another, and even', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 1_000 }, () => random())
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    const mean = draw(1).reduce((sum, value) => sum + value, 0) / 1_000
    expect(mean).toBeGreaterThan(0.45)
    expect(mean).toBeLessThan(0.55)
    expect(draw(3).every((value) => value >= 0 && value < 1)).toBe(true)
  })
})

describe('a scripted operation', () => {
  it('follows its script, repeats the last step, and remembers its attempts', async () => {
    const clock = fakeClock()
    const operation = scriptedOperation<string>(clock, [{ error: new Error('no') }, { value: 'yes', afterMs: 5 }])
    const context = { signal: new AbortController().signal, attempt: 1, timeLeftMs: 100 }
    await expect(operation(context)).rejects.toThrow('no')
    for (const attempt of [2, 3]) {
      const result = operation({ ...context, attempt })
      await clock.advance(5)
      expect(await result).toBe('yes')
    }
    expect(operation.attempts.map(({ attempt, at }) => [attempt, at])).toEqual([
      [1, 0],
      [2, 0],
      [3, 5],
    ])
  })
})
