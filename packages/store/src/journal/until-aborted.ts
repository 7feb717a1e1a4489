/** What the work ends with, or at once the reason of an abort. The work goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
