import { HoldfastError } from '@holdfast/core'
import type { Rows, Session } from './engine.ts'

/** A session that ends with its transaction: whoever has kept it gets an error, and nothing of somebody else's. */
export interface EndingSession {
  readonly session: Session
  end(): void
}

/** Makes one over the engine's own. */
export function endingSession(inner: Session): EndingSession {
  let hasEnded = false
  let hasFailed = false
  const run = async <T>(statement: () => Promise<T>): Promise<T> => {
    if (hasEnded) throw ended()
    try {
      return await statement()
    } catch (error) {
      hasFailed = true
      throw error
    }
  }
  return {
    session: {
      get hasFailed() {
        return hasFailed
      },
      query: (text, values): Promise<Rows> => run(() => inner.query(text, values)),
      script: (text): Promise<void> => run(() => inner.script(text)),
    },
    end: () => {
      hasEnded = true
    },
  }
}

/** What `work` comes to, or the reason of an abort, whichever is first. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function ended(): HoldfastError {
  return new HoldfastError({
    code: 'TRANSACTION_ENDED',
    category: 'client',
    message: 'This transaction has ended: its handle is good inside the function it was given to, and awaited there',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
