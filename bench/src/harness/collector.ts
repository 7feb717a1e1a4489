import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Makes the garbage collector callable, as `globalThis.gc`, without a flag on the command line. */
export function exposeCollector(): void {
  setFlagsFromString('--expose-gc')
  const target = globalThis as { gc?: () => void }
  target.gc ??= runInNewContext('gc') as () => void
}
