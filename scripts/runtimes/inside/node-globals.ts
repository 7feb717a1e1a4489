/** Globals of Node that tests use, for platforms that do not have them. */

type OnRejection = (reason: unknown, promise: Promise<unknown>) => void

const rejections = new Map<OnRejection, (event: PromiseRejectionEvent) => void>()

/** Knows unhandled rejections. It says nothing of anything else, `warning` included: only Node has those. */
export const process = {
  on(event: string, listener: OnRejection): void {
    if (event !== 'unhandledRejection') return
    const known = (event: PromiseRejectionEvent): void => {
      event.preventDefault()
      listener(event.reason, event.promise)
    }
    rejections.set(listener, known)
    globalThis.addEventListener('unhandledrejection', known)
  },
  off(_event: string, listener: OnRejection): void {
    const known = rejections.get(listener)
    if (known !== undefined) globalThis.removeEventListener('unhandledrejection', known)
    rejections.delete(listener)
  },
}

/** Runs `callback` in a task of its own. */
export function setImmediate(callback: () => void): void {
  setTimeout(callback, 0)
}
