import type { ChildProcess } from 'node:child_process'
import process from 'node:process'

/** Children that run. They must not outlive us. */
const running = new Set<ChildProcess>()

/** A group of its own, so that what the child starts (`npx` starts a shell, that the server) ends with it. Windows has no such groups. */
export const HAS_GROUPS: boolean = process.platform !== 'win32'

/** Ends the child, should this process exit before it has. */
export function watchChild(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', endAll)
  running.add(child)
}

/** The child has ended. */
export function forgetChild(child: ChildProcess): void {
  running.delete(child)
  if (running.size === 0) process.off('exit', endAll)
}

/** Sends a signal to the child and to what it has started. */
export function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (HAS_GROUPS) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // Nobody is left.
  }
}

function endAll(): void {
  for (const child of running) signalChild(child, 'SIGKILL')
}
