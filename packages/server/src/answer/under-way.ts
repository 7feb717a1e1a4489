import { HoldfastError } from '@holdfast/core'
import { ApiError } from '../http/errors.ts'

/** An answer that is being given. */
export interface AnswerUnderWay {
  /** Aborts when the reader has left, or when the time to finish is over. */
  readonly signal: AbortSignal
  /** To be called when the reader has left before the end. */
  readerLeft(): void
  /** To be called once, whatever happened. */
  end(): void
}

/** How many answers to emergencies may be under way beside as many others as may. */
export const URGENT_ANSWERS = 100

/** Counts the answers under way, bounds them, and lets them finish when the server stops. */
export interface AnswersUnderWay {
  readonly count: number
  readonly stopping: boolean
  /**
   * @param isUrgent asked only where there are as many as there may be: `true` lets it begin all the same, up to {@link URGENT_ANSWERS} more.
   * @throws ApiError `overloaded` or `shutting_down`.
   */
  begin(isUrgent?: () => boolean | undefined): AnswerUnderWay
  /** Lets no more begin. Resolves when the last one has ended; those that last longer than `graceMs` are aborted. */
  stop(graceMs: number): Promise<void>
}

/** Starts at none. */
export function createAnswersUnderWay(maxConcurrent: number): AnswersUnderWay {
  const controllers = new Set<AbortController>()
  let stopping = false
  let allEnded: (() => void) | undefined
  return {
    get count() {
      return controllers.size
    },
    get stopping() {
      return stopping
    },
    begin(isUrgent = () => false) {
      if (stopping) throw new ApiError('shutting_down', { headers: { connection: 'close' } })
      const isFull = controllers.size >= maxConcurrent
      if (isFull && !(controllers.size < maxConcurrent + URGENT_ANSWERS && isUrgent() === true)) {
        throw new ApiError('overloaded', { headers: { 'retry-after': '1' } })
      }
      const controller = new AbortController()
      controllers.add(controller)
      return {
        signal: controller.signal,
        readerLeft: () => controller.abort(cancelled('READER_LEFT', 'The reader left before the answer was whole.')),
        end() {
          controllers.delete(controller)
          if (controllers.size === 0) allEnded?.()
        },
      }
    },
    async stop(graceMs) {
      stopping = true
      if (controllers.size === 0) return
      const ended = new Promise<void>((resolve) => (allEnded = resolve))
      const timer = setTimeout(() => {
        const reason = cancelled('SHUTTING_DOWN', 'The server stopped before the answer was whole.')
        for (const controller of controllers) controller.abort(reason)
      }, graceMs)
      // An answer that does not hear its abort must not keep the server up for ever.
      const lastWord = setTimeout(() => allEnded?.(), graceMs + 1_000)
      await ended
      clearTimeout(timer)
      clearTimeout(lastWord)
    },
  }
}

function cancelled(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'cancelled', message, retryable: false })
}
