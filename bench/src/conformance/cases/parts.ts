import { ok } from 'node:assert/strict'
import type { BreakerAsk, BreakerSubject, Library, World } from '../subject.ts'

/** A breaker that opens at half of at least five calls in ten seconds, for a second, with one probe. */
export const ASK: BreakerAsk = { failureRatio: 0.5, minimumCalls: 5, windowMs: 10_000, openMs: 1_000, probes: 1 }

type Part = Exclude<keyof Library, 'name' | 'version' | 'takesSignal' | 'givesSignal'>

/** For {@link Case.lacks}: a part that must be there. */
export function needs(part: Part, name: string): (library: Library) => string | undefined {
  return (library) => (library[part] === undefined ? `has no ${name}` : undefined)
}

/** The same, where the case aborts a call. */
export function needsSignal(part: Part, name: string): (library: Library) => string | undefined {
  return (library) => needs(part, name)(library) ?? (library.takesSignal ? undefined : 'takes no signal')
}

/** The part, which `lacks` has found to be there. */
export function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the case should not have been run')
  return value
}

export function breakerFor(library: Library, ask: BreakerAsk = ASK): BreakerSubject {
  return must(library.breaker?.(ask))
}

export class Failed extends Error {
  override readonly name = 'Failed'
}

export class Aborted extends Error {
  override readonly name = 'AbortError'
}

export const fails = (): Promise<never> => Promise.reject(new Failed('down'))
export const succeeds = (): Promise<string> => Promise.resolve('well')

/** Work that ends when it is told to. */
export function controlled(): { work: () => Promise<unknown>; calls: number; end(error?: unknown): void } {
  const waiting: { resolve: (value: unknown) => void; reject: (reason: unknown) => void }[] = []
  const self = {
    calls: 0,
    work: () => {
      self.calls += 1
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    /** Ends all that were begun: well, or with an error. */
    end: (error?: unknown) => {
      for (const { resolve, reject } of waiting.splice(0)) {
        if (error === undefined) resolve('well')
        else reject(error)
      }
    },
  }
  return self
}

/** Makes calls that fail until the breaker is open. */
export async function open(breaker: BreakerSubject, { time, watch }: World): Promise<void> {
  for (let call = 0; call < 50 && breaker.state() !== 'open'; call++) {
    watch(breaker.run(fails))
    await time.settle()
  }
  ok(breaker.state() === 'open', 'fifty failures do not open it')
}

/** A breaker on its own opens for at most this, jitter included. */
export const SURELY_OVER_MS = ASK.openMs * 1.5
