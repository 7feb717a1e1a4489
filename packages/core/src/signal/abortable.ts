/**
 * A promise that its caller may give up: rejects with the signal's reason at once when it aborts, or has aborted, and leaves no listener behind.
 * @param begin begins what ends it; what comes back, if anything, is called at an abort.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  begin: (resolve: (value: T) => void, reject: (reason: unknown) => void) => (() => void) | void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | void = undefined
    const end =
      <Value>(settle: (value: Value) => void) =>
      (value: Value): void => {
        signal?.removeEventListener('abort', leave)
        settle(value)
      }
    const leave = (): void => {
      end(reject)(signal?.reason)
      stop?.()
    }
    signal?.addEventListener('abort', leave)
    stop = begin(end(resolve), end(reject))
    if (signal?.aborted === true) leave()
  })
}
