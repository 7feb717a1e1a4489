import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pacer } from './pacer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function record(): { readonly chunks: string[]; ended: number; write(chunk: string): void; done(): void } {
  const chunks: string[] = []
  return {
    chunks,
    ended: 0,
    write: (chunk) => void chunks.push(chunk),
    done() {
      this.ended += 1
    },
  }
}

describe('Pacer', () => {
  it('writes the first part at once and the others at their pace', () => {
    const heard = record()
    new Pacer(5).start(['a', 'b', 'c'], 10, heard.write, () => heard.done())
    expect(heard.chunks).toEqual(['a'])
    vi.advanceTimersByTime(10)
    expect(heard.chunks).toEqual(['a', 'b'])
    expect(heard.ended).toBe(0)
    vi.advanceTimersByTime(10)
    expect(heard.chunks).toEqual(['a', 'b', 'c'])
    expect(heard.ended).toBe(1)
  })

  it('writes all at once when there is no delay', () => {
    const heard = record()
    new Pacer(5).start(['a', 'b', 'c'], 0, heard.write, () => heard.done())
    expect(heard.chunks).toEqual(['abc'])
    expect(heard.ended).toBe(1)
  })

  it('catches up in one write when it is behind', () => {
    const heard = record()
    new Pacer(40).start(['a', 'b', 'c', 'd', 'e', 'f'], 10, heard.write, () => heard.done())
    vi.advanceTimersByTime(40)
    expect(heard.chunks).toEqual(['a', 'bcde'])
  })

  it('writes nothing more once stopped', () => {
    const heard = record()
    const stop = new Pacer(5).start(['a', 'b'], 10, heard.write, () => heard.done())
    stop()
    vi.advanceTimersByTime(100)
    expect(heard.chunks).toEqual(['a'])
    expect(heard.ended).toBe(0)
  })

  it('keeps one timer for many streams and none for no stream', () => {
    const pacer = new Pacer(5)
    const stops = Array.from({ length: 50 }, () =>
      pacer.start(
        ['a', 'b', 'c'],
        10,
        () => {},
        () => {},
      ),
    )
    expect(vi.getTimerCount()).toBe(1)
    for (const stop of stops) stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends a stream without parts at once', () => {
    const heard = record()
    new Pacer(5).start([], 10, heard.write, () => heard.done())
    expect(heard.ended).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
