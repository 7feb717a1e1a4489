import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Log, SandboxState } from '../http/context.ts'

/** The sandbox as a process of its own. */
export interface SandboxProcess extends SandboxState {
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>
}

/** What {@link startSandboxProcess} is made with. */
export interface SandboxProcessOptions {
  readonly port: number
  readonly log: Log
  /** How long it may take until it is ready, in ms. Default: 20,000. */
  readonly startTimeoutMs?: number
}

/** The sandbox did not start. */
export class SandboxError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SandboxError'
  }
}

const RESTART_MS = 1_000
const MAX_RESTART_MS = 30_000
/** A sandbox that ran for this long before it died starts the waits anew. */
const SETTLED_MS = 60_000

/**
 * Starts the sandbox and waits until it is ready. It ends with this process, however that ends. When it dies by itself,
 * that is logged and it is started again, after a wait that doubles.
 * @throws SandboxError when it is not installed, its port is taken, or it is not ready in time.
 */
export async function startSandboxProcess(options: SandboxProcessOptions): Promise<SandboxProcess> {
  const { port, log } = options
  const entry = sandboxEntry()
  let child: Child | undefined
  let stopping = false
  let restartMs = RESTART_MS
  let timer: NodeJS.Timeout | undefined

  const start = async (): Promise<void> => {
    const began = performance.now()
    const started = await launch(entry, port, options.startTimeoutMs ?? 20_000)
    child = started
    void started.gone.then((how) => {
      if (stopping) return
      if (performance.now() - began > SETTLED_MS) restartMs = RESTART_MS
      log.error({ how, restartMs, output: started.errors() }, 'the sandbox died and will be started again')
      startLater()
    })
  }
  const startLater = (): void => {
    timer = setTimeout(() => {
      start().catch((error: unknown) => {
        if (stopping) return
        log.error({ error: String(error), restartMs }, 'the sandbox could not be started again')
        startLater()
      })
    }, restartMs).unref()
    restartMs = Math.min(restartMs * 2, MAX_RESTART_MS)
  }

  await start()
  return {
    controlUrl: `http://127.0.0.1:${port}`,
    get running() {
      return child?.running() ?? false
    },
    async stop() {
      stopping = true
      clearTimeout(timer)
      await child?.end()
    },
  }
}

interface Child {
  running(): boolean
  errors(): string
  /** How it ended. */
  readonly gone: Promise<string>
  end(): Promise<void>
}

async function launch(entry: string, port: number, timeoutMs: number): Promise<Child> {
  // None of the real keys: the sandbox has no business with them.
  const { PATH, HOME, TZ } = process.env
  const sandbox = spawn(
    process.execPath,
    [...process.execArgv.filter((flag) => flag.startsWith('--conditions')), entry],
    {
      env: { PATH, HOME, TZ, SANDBOX_PORT: String(port) },
      // A group of its own: Ctrl-C in a terminal goes to the whole group, and answers under way need it for a moment yet.
      detached: true,
      // The channel tells it when this process ends.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  let errors = ''
  sandbox.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)))
  const gone = new Promise<string>((resolve) => {
    sandbox.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    sandbox.once('error', (error) => resolve(error.message))
  })
  // It writes one line once all its ports are open.
  const ready = new Promise<'ready'>((resolve) => sandbox.stdout?.once('data', () => resolve('ready')).resume())
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, timeoutMs, 'late')))
  const first = await Promise.race([ready, late, gone])
  clearTimeout(timer)
  if (first !== 'ready') {
    sandbox.kill('SIGKILL')
    const why = first === 'late' ? `it was not ready within ${timeoutMs} ms` : errors.trim() || first
    throw new SandboxError(
      `The sandbox cannot start: ${why}\nIt uses port ${port} and the four after it; SANDBOX_PORT sets another one.`,
    )
  }
  return {
    running: () => isRunning(sandbox),
    errors: () => errors.trim(),
    gone,
    async end() {
      if (!isRunning(sandbox)) return
      sandbox.kill('SIGTERM')
      const impatient = setTimeout(() => sandbox.kill('SIGKILL'), 2_000)
      await gone
      clearTimeout(impatient)
    },
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function sandboxEntry(): string {
  try {
    return fileURLToPath(new URL('./main.ts', import.meta.resolve('@holdfast/sandbox')))
  } catch {
    throw new SandboxError(
      'The sandbox is not installed here. Set the keys of every service, or run from the repository.',
    )
  }
}
