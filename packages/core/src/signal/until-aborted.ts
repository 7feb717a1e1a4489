import { abortable } from './abortable.ts'

/** Work, as long as its caller waits for it. The work itself goes on after an abort; what it ends with then is heard by nobody. */
export function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal | undefined): PromiseLike<T> {
  return signal === undefined ? work : abortable(signal, (resolve, reject) => void work.then(resolve, reject))
}
