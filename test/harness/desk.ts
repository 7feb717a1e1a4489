import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from './ports.ts'

const ANSWERS = fileURLToPath(new URL('../fixture/answers', import.meta.url))
const COMMAND = fileURLToPath(new URL('../../packages/server/src/bin/holdfast.ts', import.meta.url))

export type Service = 'n8n' | 'llm' | 'apollo' | 'avinode' | 'anthropic'

/** What a stand-in received, as the sandbox tells it. */
export interface ReceivedRequest {
  readonly service: string
  readonly method: string
  readonly path: string
  readonly at: number
  readonly open: boolean
  /** Only from `requestsWithBodies`. */
  readonly requestId?: string
  readonly query?: string
  readonly body?: string
  readonly [detail: string]: unknown
}

/** A Holdfast server with its sandbox, both real processes, as `npm start` runs them. */
export interface Desk {
  readonly url: string
  readonly sandboxUrl: string
  readonly adminToken: string
  readonly pid: number
  /** Everything the process printed so far. */
  output(): string
  fault(service: Service, fault: string, options?: Record<string, unknown>): Promise<void>
  clearFaults(): Promise<void>
  /** What is switched on, as `service:fault`. */
  sandboxFaults(): Promise<string[]>
  /** Changes how the stand-ins behave while nothing is wrong, such as `partDelayMs`. */
  settings(settings: Record<string, unknown>): Promise<void>
  requests(service?: Service): Promise<ReceivedRequest[]>
  /** The newest of them with query, body and whose they were. */
  requestsWithBodies(): Promise<ReceivedRequest[]>
  /** Makes the stand-ins forget what they received. */
  forgetRequests(): Promise<void>
  /** Closes every circuit and forgets what was counted, by the admin API. */
  resetCircuits(): Promise<void>
  openCircuit(name: string): Promise<void>
  /** Resident memory of the server process in bytes. */
  memory(): Promise<number>
  /** Sends SIGTERM and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface DeskOptions {
  readonly env?: Record<string, string>
  /** Where its configuration is. Default: the repository's, without the desks for requests, which would keep things in its directory. */
  readonly directory?: string
}

/** A first start with an embedded store takes seconds of the processor, and a busy machine many times as long. */
const READY_MS = 120_000

/** Starts a desk on free ports and waits until it is ready. */
export async function startDesk(options: DeskOptions = {}): Promise<Desk> {
  const first = await freePorts(6)
  const sandboxPort = first + 1
  const adminToken = 'admin-token-of-the-test'
  const child = spawn(process.execPath, ['--conditions=holdfast-source', COMMAND, 'start'], {
    cwd: options.directory ?? ANSWERS,
    env: {
      ...withoutKeys(process.env),
      PORT: String(first),
      SANDBOX_PORT: String(sandboxPort),
      HOLDFAST_ADMIN_TOKEN: adminToken,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  const url = `http://127.0.0.1:${first}`
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`
  const output = (): string => printed.join('')
  await untilReady(url, child, output)

  const control = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${sandboxUrl}${path}`, init)
    if (!response.ok) throw new Error(`sandbox ${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const admin = async (path: string): Promise<void> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}` },
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    await response.text()
  }

  return {
    url,
    sandboxUrl,
    adminToken,
    pid: child.pid ?? 0,
    output,
    async fault(service, fault, details = {}) {
      const body = JSON.stringify({ service, fault, ...details })
      await control('/faults', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    },
    async clearFaults() {
      await control('/faults', { method: 'DELETE' })
    },
    async settings(settings) {
      const body = JSON.stringify(settings)
      await control('/settings', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    },
    async sandboxFaults() {
      const response = await control('/faults')
      const faults = (await response.json()) as { service: string; fault: string }[]
      return faults.map(({ service, fault }) => `${service}:${fault}`)
    },
    async requests(service) {
      const response = await control(service === undefined ? '/requests' : `/requests?service=${service}`)
      return (await response.json()) as ReceivedRequest[]
    },
    async requestsWithBodies() {
      return (await (await control('/requests?bodies=1')).json()) as ReceivedRequest[]
    },
    async forgetRequests() {
      await control('/requests', { method: 'DELETE' })
    },
    resetCircuits: () => admin('/admin/reset-circuits'),
    openCircuit: (name) => admin(`/admin/circuits/${name}/open`),
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
      }
      return { code: child.exitCode, signal: child.signalCode }
    },
  }
}

/** Keys of the machine must not turn a test into a call to the real world. */
function withoutKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(N8N_|OPENAI_|APOLLO_|AVINODE_|ONCALL_|HOLDFAST_|PORT$|HOST$)/.test(name),
    ),
  )
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const until = performance.now() + READY_MS
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${output()}`)
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`the server was not ready within ${READY_MS / 1_000} s:\n${output()}`)
}
