import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { SERVICES } from '../src/index.ts'
import { call } from './call.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

interface Started {
  readonly child: ChildProcess
  readonly exit: Promise<{ code: number | null; signal: string | null }>
  /** The first line on standard output, or what was said on standard error when it ends without one. */
  readonly line: Promise<string>
}

function start(env: Record<string, string>): Started {
  const child = spawn(process.execPath, ['--conditions=holdfast-source', 'sandbox/src/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const exit = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return { code: code as number | null, signal: signal as string | null }
  })
  const line = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')))
    })
    void exit.then(() => resolve(err))
  })
  return { child, exit, line }
}

describe('the sandbox as a process', () => {
  it('says in one line of JSON that it is ready, where its services are, and that it is not the real world', async () => {
    const { line } = start({ SANDBOX_PORT: '0' })
    const ready = JSON.parse(await line) as { url: string; services: Record<string, string> }
    expect(ready).toMatchObject({ ready: true, sandbox: true, message: expect.stringContaining('not the real world') })
    expect(Object.keys(ready.services)).toEqual([...SERVICES])
    expect((await call(`${ready.url}/health`)).status).toBe(200)
  })

  it('ends when the process that started it goes away', async () => {
    const { child, line, exit } = start({ SANDBOX_PORT: '0' })
    await line
    child.stdin!.end()
    expect(await exit).toEqual({ code: 0, signal: null })
  })

  it('ends when the channel of the process that forked it closes', async () => {
    const child = fork('sandbox/src/main.ts', {
      cwd: ROOT,
      env: { ...process.env, SANDBOX_PORT: '0' },
      execArgv: ['--conditions=holdfast-source'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    running.add(child)
    await once(child.stdout!, 'data')
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
    running.delete(child)
  })

  it('ends on SIGTERM though requests hang', async () => {
    const { child, line, exit } = start({ SANDBOX_PORT: '0' })
    const { url, services } = JSON.parse(await line) as { url: string; services: Record<string, string> }
    await call(`${url}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: { service: 'llm', fault: 'hang' },
    })
    const hanging = call(`${services['llm']}/models`)
    child.kill('SIGTERM')
    expect(await exit).toEqual({ code: 0, signal: null })
    expect((await hanging).error).toMatch(/ECONNRE(SET|FUSED)/)
  })

  it('says which port is in use, and ends with 2', async () => {
    const taken = createServer()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { line, exit } = start({ SANDBOX_PORT: String(port) })
    expect(await line).toBe(
      `sandbox: port ${port} (control) is in use; set SANDBOX_PORT to the first of five free ports\n`,
    )
    expect(await exit).toEqual({ code: 2, signal: null })
    taken.close()
  })

  it('refuses a port that is none', async () => {
    const { line, exit } = start({ SANDBOX_PORT: 'http' })
    expect(await line).toContain('SANDBOX_PORT: must be a whole number')
    expect((await exit).code).toBe(2)
  })
})
