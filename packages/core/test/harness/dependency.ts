import type { AttemptContext, Clock } from '../../src/index.ts'
import { type Fault, type FaultName, FAULTS } from './faults.ts'

/** When something comes back: at once, without a promise; or with one, after so many ms. */
export type When = 'at-once' | number

/** How a stream goes on after its opening. */
export interface StreamCourse {
  /** `ping` is no output; `fault` says failure in band; `end` says that the answer is whole. */
  readonly chunks: readonly { readonly kind: 'ping' | 'text' | 'fault' | 'end'; readonly afterMs: number }[]
  readonly then: 'close' | 'hang' | 'error'
}

/** What the dependency does in one attempt. */
export type Behaviour = { readonly ignoresSignal: boolean } & (
  | { readonly does: 'answer'; readonly when: When; readonly stream?: StreamCourse }
  | { readonly does: 'fail'; readonly when: When; readonly fault: FaultName }
  | { readonly does: 'hang' }
  /** Makes the caller abort from inside the operation, and hangs. */
  | { readonly does: 'abort-caller' }
)

export interface Chunk {
  readonly kind: 'ping' | 'text' | 'fault' | 'end'
}

/** One piece of work at the dependency, from the moment an operation began it until it has really ended. */
export class Work {
  readonly call: number
  readonly attempt: number
  readonly behaviour: Behaviour
  /** Set once it has ended by failing. */
  fault: Fault | undefined
  ended = false
  /** Lets work go that would hang for ever. */
  release: (() => void) | undefined

  constructor(call: number, attempt: number, behaviour: Behaviour) {
    this.call = call
    this.attempt = attempt
    this.behaviour = behaviour
  }

  /** Whether a write may have been done. */
  get mayHaveTakenEffect(): boolean {
    return this.fault === undefined || this.fault.mayHaveTakenEffect
  }
}

/** Does the work: gives its answer, or throws, as an operation does. */
export function perform(work: Work, { signal }: AttemptContext, clock: Clock): unknown {
  const { behaviour } = work
  const finish = (): unknown => {
    work.ended = true
    if (behaviour.does === 'answer') {
      if (behaviour.stream === undefined) return work
      work.ended = false
      return streamOf(work, behaviour.stream, signal, clock)
    }
    if (behaviour.does !== 'fail') throw new Error('let go')
    work.fault = FAULTS[behaviour.fault]
    throw work.fault.make()
  }
  const whenMs = 'when' in behaviour ? behaviour.when : Infinity
  if (whenMs === 'at-once') return finish()
  return new Promise((resolve, reject) => {
    let isAnswered = false
    const end = (): void => {
      if (isAnswered || work.ended) return
      isAnswered = true
      try {
        resolve(finish())
      } catch (error) {
        reject(error)
      }
    }
    const task = whenMs === Infinity ? undefined : clock.schedule(whenMs, end)
    work.release = () => {
      task?.cancel()
      end()
    }
    if (behaviour.ignoresSignal) return
    // It may have aborted its caller itself.
    if (signal.aborted) {
      work.ended = true
      reject(signal.reason)
    }
    signal.addEventListener('abort', () => {
      // From its opening on, a stream sees to that itself.
      if (isAnswered || work.ended) return
      task?.cancel()
      work.ended = true
      reject(signal.reason)
    })
  })
}

function streamOf(work: Work, course: StreamCourse, signal: AbortSignal, clock: Clock): ReadableStream<Chunk> {
  const rest = [...course.chunks]
  let controller: ReadableStreamDefaultController<Chunk>
  const over = new AbortController()
  const end = (act: () => void): void => {
    if (work.ended) return
    work.ended = true
    over.abort()
    act()
  }
  // Whether it goes on is for its reader to find out.
  work.release = undefined
  if (!work.behaviour.ignoresSignal) signal.addEventListener('abort', () => end(() => controller.error(signal.reason)))
  return new ReadableStream<Chunk>(
    {
      start: (given) => void (controller = given),
      pull: async () => {
        const next = rest.shift()
        if (next !== undefined) {
          if (next.afterMs > 0) await clock.sleep(next.afterMs, over.signal).catch(() => undefined)
          if (!work.ended) controller.enqueue({ kind: next.kind })
        } else if (course.then === 'close') {
          end(() => controller.close())
        } else if (course.then === 'error') {
          end(() => controller.error(FAULTS.reset.make()))
        } else {
          await new Promise<void>(() => undefined)
        }
      },
      cancel: () => end(() => undefined),
    },
    { highWaterMark: 0 },
  )
}
