/**
 * Work, as long as its caller waits for it: rejects with the signal's reason at once when it aborts, and leaves no listener behind. The work itself
 * goes on; what it ends with then is heard by nobody.
 */
export function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal | undefined): PromiseLike<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave)
    const stay = (): void => signal.removeEventListener('abort', leave)
    work.then(
      (value) => {
        stay()
        resolve(value)
      },
      (error: unknown) => {
        stay()
        reject(error)
      },
    )
  })
}
