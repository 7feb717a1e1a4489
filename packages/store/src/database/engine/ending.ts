import { setImmediate } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import type { Rows, Session } from './engine.ts'

/** A session that ends with its transaction: whoever has kept it gets an error, and nothing of somebody else's. */
export interface EndingSession {
  readonly session: Session
  /** Whether a statement was sent and has not ended. */
  readonly isBusy: boolean
  /**
   * Ends it when its function has resolved. Resolves when everything may be committed.
   * @throws HoldfastError `QUERY_NOT_AWAITED`, `TRANSACTION_FAILED`
   */
  complete(): Promise<void>
  end(): void
}

/** Makes one over the engine's own. */
export function endingSession(inner: Omit<Session, 'failure'>): EndingSession {
  let state: 'open' | 'completing' | 'ended' = 'open'
  let failure: unknown
  let underWay = 0
  let wasLate = false
  const run = async <T>(statement: () => Promise<T>): Promise<T> => {
    if (state === 'ended') throw ended()
    if (state === 'completing') {
      wasLate = true
      // Nobody waits for it, and its transaction says so. A rejection that nobody waits for would end the process as well.
      return new Promise<never>(() => undefined)
    }
    underWay += 1
    try {
      return await statement()
    } catch (error) {
      failure ??= error
      throw error
    } finally {
      underWay -= 1
    }
  }
  return {
    session: {
      get failure() {
        return failure
      },
      query: (text, values): Promise<Rows> => run(() => inner.query(text, values)),
      script: (text): Promise<void> => run(() => inner.script(text)),
    },
    get isBusy() {
      return underWay > 0
    },
    async complete() {
      state = 'completing'
      // A query that nobody waits for may take some turns to come here.
      if (underWay === 0) await setImmediate()
      if (underWay > 0 || wasLate) throw notAwaited()
      // A statement that failed has spoilt the transaction, also where that was caught, unless it went back to a savepoint; a commit would say nothing of it.
      if (failure !== undefined) await inner.query('select 1')
    },
    end: () => {
      state = 'ended'
    },
  }
}

/** What `work` comes to, or the reason of an abort, whichever is first. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function ended(): HoldfastError {
  return mistake(
    'TRANSACTION_ENDED',
    'This transaction has ended: its handle is good inside the function it was given to, and awaited there',
  )
}

function notAwaited(): HoldfastError {
  return mistake(
    'QUERY_NOT_AWAITED',
    'The function of a transaction resolved before a query of it had ended, so all of it was rolled back: await each query',
  )
}

function mistake(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'client', message, retryable: false, mayHaveTakenEffect: false })
}
