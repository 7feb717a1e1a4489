import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock, systemRandom } from './system-clock.ts'

afterEach(() => void vi.useRealTimers())

describe('the system clock', () => {
  it('tells monotonic and wall time', () => {
    const before = systemClock.now()
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    expect(Math.abs(systemClock.wallTime() - Date.now())).toBeLessThan(1_000)
  })

  it('sleeps, and leaves its signal as it was', async () => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    const sleep = systemClock.sleep(100, signal)
    await vi.advanceTimersByTimeAsync(99)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    await sleep
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('wakes at once at an abort, with its reason, and clears its timer (B1)', async () => {
    vi.useFakeTimers()
    const controller = new AbortController()
    const sleep = systemClock.sleep(100, controller.signal)
    controller.abort('enough')
    await expect(sleep).rejects.toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
    await expect(systemClock.sleep(100, controller.signal)).rejects.toBe('enough')
  })

  it('waits longer than a timer of the platform can (B12)', async () => {
    vi.useFakeTimers()
    let ran = false
    systemClock.schedule(2 ** 31 + 5_000, () => void (ran = true))
    await vi.advanceTimersByTimeAsync(2 ** 31 + 4_999)
    expect(ran).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(ran).toBe(true)
  })

  it('forgets what is cancelled, in a later part of a long wait too', async () => {
    vi.useFakeTimers()
    let ran = false
    const task = systemClock.schedule(2 ** 32, () => void (ran = true))
    await vi.advanceTimersByTimeAsync(2 ** 31)
    task.cancel()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(2 ** 32)
    expect(ran).toBe(false)
  })

  it('takes a negative wait for none', async () => {
    await systemClock.sleep(-5)
    expect(systemRandom()).toBeLessThan(1)
  })
})
