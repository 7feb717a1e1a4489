import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../../packages/server/src/bin/holdfast.ts', import.meta.url))
const SANDBOX = fileURLToPath(new URL('../../sandbox/src/main.ts', import.meta.url))
const FIXTURES = new URL('../fixture/', import.meta.url)

/** A process that a test has started. */
export interface Member {
  readonly child: ChildProcess
  output(): string
  /** Ends it at once, as an outage does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

function member(child: ChildProcess): Member {
  const printed: string[] = []
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return { child, output: () => printed.join(''), kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

/** `holdfast start` or `holdfast work` in the directory of a fixture. */
export function startMember(
  command: 'start' | 'work',
  env: Readonly<Record<string, string>>,
  fixture: 'requests' | 'sync' = 'requests',
): Member {
  const own = Object.entries(process.env).filter(
    ([name]) =>
      !/^(N8N_|OPENAI_|APOLLO_|AVINODE_|ONCALL_|HOLDFAST_|RESEND_|HUBSPOT_|GOOGLE_|DATABASE_|REDIS_|PORT$|HOST$)/.test(
        name,
      ),
  )
  return member(
    spawn(process.execPath, ['--conditions=holdfast-source', COMMAND, command], {
      cwd: fileURLToPath(new URL(fixture, FIXTURES)),
      env: { ...Object.fromEntries(own), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  )
}

/** The sandbox by itself, which outlives servers. */
export function startSandbox(port: number): Member {
  return member(
    spawn(process.execPath, ['--conditions=holdfast-source', SANDBOX], {
      env: { ...process.env, SANDBOX_PORT: String(port) },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  )
}

/** What points the services of a server at such a sandbox, as if they were real. */
export function sandboxAddresses(port: number): Readonly<Record<string, string>> {
  return {
    N8N_WEBHOOK_URL: `http://127.0.0.1:${port + 1}/webhook/charter-desk`,
    N8N_API_KEY: 'sandbox-key',
    OPENAI_API_KEY: 'sandbox-key',
    OPENAI_BASE_URL: `http://127.0.0.1:${port + 2}/v1`,
    OPENAI_MODEL: 'sandbox-model',
    APOLLO_API_KEY: 'sandbox-key',
    APOLLO_BASE_URL: `http://127.0.0.1:${port + 3}/api/v1`,
    AVINODE_API_TOKEN: 'sandbox-key',
    AVINODE_ACCESS_TOKEN: 'sandbox-key',
    AVINODE_BASE_URL: `http://127.0.0.1:${port + 4}/api`,
    RESEND_API_KEY: 'sandbox-key',
    RESEND_BASE_URL: `http://127.0.0.1:${port + 3}/resend`,
    EMAIL_FROM: 'desk@sandbox.example',
  }
}

/** Waits until something is so. @throws when it is not so in time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look().catch(() => undefined)
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
