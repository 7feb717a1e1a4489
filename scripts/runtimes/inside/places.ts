import type { SuiteReport, TestFiles } from './suite.ts'

/** The little of a process that is needed; Node, Bun and Deno have it. */
interface ProcessLike {
  readonly argv: readonly string[]
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (error: unknown) => void): void
}

/** In a process, which must end by itself when the tests have. Its argument is the address to report to. */
export async function inProcess(process: ProcessLike, files: TestFiles): Promise<void> {
  const peer = process.argv[2] ?? ''
  // Vitest's own time limits keep no process, so a test that hangs would end it.
  const alive = setInterval(() => undefined, 60_000)
  await runAndSend(peer, files, (onError) => {
    process.on('unhandledRejection', onError)
    process.on('uncaughtException', onError)
  })
  clearInterval(alive)
}

/** In a page that came from the address to report to. */
export async function inPage(files: TestFiles): Promise<void> {
  const peer = globalThis.location.origin
  await runAndSend(peer, files, watchEvents)
}

/** In a worker: `workerd test` calls its `test`. */
export function inWorker(files: TestFiles): {
  test(controller: unknown, env: { readonly PEER: string }): Promise<void>
} {
  return {
    async test(_controller, { PEER }) {
      await runAndSend(PEER, files, watchEvents)
    },
  }
}

function watchEvents(onError: (error: unknown) => void): void {
  globalThis.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    onError(event.reason)
  })
  globalThis.addEventListener('error', (event) => onError(event.error ?? event.message))
}

async function runAndSend(
  peer: string,
  files: TestFiles,
  watch: (onError: (error: unknown) => void) => void,
): Promise<void> {
  // Where `platform.suite.ts` finds the other side of its requests.
  Object.assign(globalThis, { holdfastPeer: peer })
  let report: SuiteReport
  try {
    // Workers have no timers before the first call, and Vitest makes one when it is loaded.
    const { runSuite } = await import('./suite.ts')
    report = await runSuite(files, watch)
  } catch (error) {
    report = { passed: 0, failures: [{ test: 'the runner itself', says: String(error) }], excluded: [] }
  }
  const reply = await fetch(`${peer}/report`, { method: 'POST', body: JSON.stringify(report) })
  await reply.text()
}
