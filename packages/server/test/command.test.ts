import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { freePorts, isFree } from './ports.ts'

const BIN = fileURLToPath(new URL('../src/bin/holdfast.ts', import.meta.url))
const FIXTURE = fileURLToPath(new URL('./fixture', import.meta.url))
const TOKEN = 'the-admin-token-of-the-test'
/** How long anything here may take, on a machine that has much else to do: whatever is waited for comes, or is broken. */
const PATIENCE_MS = 120_000
/** A test waits for a few things, one after the other. */
const timeout = 2 * PATIENCE_MS
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

interface Run {
  readonly child: ChildProcess
  output(): string
  /** Waits until it has printed this. */
  printed(text: string): Promise<void>
  readonly ended: Promise<{ code: number | null; output: string }>
}

function holdfast(args: readonly string[], env: Record<string, string> = {}, cwd = FIXTURE): Run {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=holdfast-source', BIN, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, ...env },
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, output }))
  return {
    child,
    output: () => output,
    ended,
    printed: (text) =>
      until(`it prints "${text}"`, () => {
        if (output.includes(text)) return true
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`)
        return false
      }).catch((error: Error) => Promise.reject(new Error(`${error.message}; it printed:\n${output}`))),
  }
}

/** Asks again and again until the answer is yes. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const patienceEnds = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > patienceEnds) throw new Error(`waited for ${PATIENCE_MS} ms until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Takes a port, as soon as it is free. */
async function occupied(port: number): Promise<Server> {
  for (;;) {
    await until(`port ${port} is free`, () => isFree(port))
    const server = createServer().listen(port, '127.0.0.1')
    const isListening = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (isListening) return server
  }
}

async function sandboxRuns(port: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health`)
  return ((await response.json()) as { readonly sandbox: { readonly running: boolean } }).sandbox.running
}

describe('holdfast start', { timeout }, () => {
  it('serves, says what it runs on, obeys status and reset, and ends with 0 and the sandbox on SIGTERM', async () => {
    const ports = await freePorts()
    const env = { ...ports, HOLDFAST_ADMIN_TOKEN: TOKEN }
    const server = holdfast(['start'], env)
    await server.printed('Try: ')
    expect(server.output()).toContain('RUNNING ON THE SANDBOX')
    expect(server.output()).toContain(`http://127.0.0.1:${ports.PORT}/`)
    expect(server.output()).not.toContain(TOKEN)

    const health = await fetch(`http://127.0.0.1:${ports.PORT}/health`)
    expect(await health.json()).toMatchObject({ status: 'healthy', sandbox: { running: true } })

    await fetch(`http://127.0.0.1:${ports.PORT}/admin/circuits/n8n/open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    const status = await holdfast(['status'], env).ended
    expect(status.output).toMatch(/n8n .* circuit open .* sandbox/)
    const reset = await holdfast(['reset', 'n8n'], env).ended
    expect(reset).toEqual({ code: 0, output: 'n8n: closed\n' })
    expect((await holdfast(['status'], env).ended).code).toBe(0)
    const wrong = await holdfast(['status'], { ...env, HOLDFAST_ADMIN_TOKEN: 'a-wrong-admin-token' }).ended
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('says 401') })

    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect(await isFree(Number(ports.SANDBOX_PORT))).toBe(true)
  })

  it('prints a token when none is set, and takes the sandbox along when it is killed', async () => {
    const ports = await freePorts()
    const server = holdfast(['start'], ports)
    await server.printed('Try: ')
    const token = /Admin token\s+(\S+)/.exec(server.output())?.[1] ?? ''
    const response = await fetch(`http://127.0.0.1:${ports.PORT}/admin/system-status`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(200)
    server.child.kill('SIGKILL')
    await until('the sandbox has ended', () => isFree(Number(ports.SANDBOX_PORT)))
  })

  it('starts the sandbox again when it dies, and says so', async () => {
    const ports = await freePorts()
    const server = holdfast(['start'], ports)
    await server.printed('Try: ')
    const children = spawn('ps', ['-o', 'pid=', '--ppid', String(server.child.pid)])
    const [pid] = (await once(children.stdout, 'data')) as [Buffer]
    // Meanwhile the server stands still and its port is taken, so that it cannot have started another before it was asked.
    server.child.kill('SIGSTOP')
    process.kill(Number(pid.toString().trim()), 'SIGKILL')
    const other = await occupied(Number(ports.SANDBOX_PORT))
    server.child.kill('SIGCONT')
    await server.printed('the sandbox died')
    expect(await sandboxRuns(ports.PORT)).toBe(false)
    other.close()
    await until('the sandbox runs again', () => sandboxRuns(ports.PORT))
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
  })

  it('says which port is in use and ends with 1', async () => {
    const ports = await freePorts()
    const other = await occupied(Number(ports.PORT))
    const { code, output } = await holdfast(['start'], ports).ended
    other.close()
    expect(code).toBe(1)
    expect(output).toBe(`Port ${ports.PORT} is in use. Set PORT to another one, or end what is using it.\n`)
  })

  it('says which port of the sandbox is in use and ends with 1', async () => {
    const ports = await freePorts()
    const other = await occupied(Number(ports.SANDBOX_PORT) + 2)
    const { code, output } = await holdfast(['start'], ports).ended
    other.close()
    expect(code).toBe(1)
    expect(output).toContain('SANDBOX_PORT sets another one')
  })

  it('refuses to be reachable from other machines without API keys', async () => {
    const { code, output } = await holdfast(['start'], { HOST: '0.0.0.0' }).ended
    expect(code).toBe(1)
    expect(output).toContain('API keys are needed then')
  })

  it('refuses an admin token that may be guessed, without showing it', async () => {
    const { code, output } = await holdfast(['start'], { HOLDFAST_ADMIN_TOKEN: 'Q' }).ended
    expect(code).toBe(1)
    expect(output).toContain('HOLDFAST_ADMIN_TOKEN: allowed is a token of 16 characters or more')
    expect(output).not.toContain('Q')
  })

  it('names the line of a mistake in the configuration', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const text = 'export default {\n  contact: { name: "us", phone: "1" },\n  integrations: {},\n  asistants: [],\n}\n'
    writeFileSync(join(directory, 'holdfast.config.ts'), text)
    const { code, output } = await holdfast(['start'], {}, directory).ended
    expect(code).toBe(1)
    expect(output).toContain('holdfast.config.ts:4  asistants: there is no such setting; did you mean "assistants"?')
    writeFileSync(join(directory, 'holdfast.config.ts'), '\n\nexport default nothing\n')
    expect((await holdfast(['start'], {}, directory).ended).output).toContain(
      'holdfast.config.ts:3  it does not run: nothing is not defined',
    )
  })
})

describe('holdfast check', { timeout }, () => {
  it('starts a sandbox when none runs, and is 0 when every service answers', async () => {
    const { code, output } = await holdfast(['check'], await freePorts()).ended
    expect(output).toContain('No sandbox runs; one is started for this check.')
    expect(output).toMatch(
      /n8n +sandbox .* ok .*\n.*llm +sandbox .* ok .*\n.*apollo +sandbox .* ok .*\n.*avinode +sandbox .* ok/,
    )
    expect(code).toBe(0)
  })

  it('is 1 and says why when one does not, and never shows a key', async () => {
    const ports = await freePorts()
    const key = 'apollo-key-that-is-secret'
    const { code, output } = await holdfast(['check'], {
      ...ports,
      APOLLO_API_KEY: key,
      // Nobody listens there: a check starts no server.
      APOLLO_BASE_URL: `http://127.0.0.1:${ports.PORT}`,
    }).ended
    expect(code).toBe(1)
    expect(output).toMatch(/apollo +real +key is there +FAILED +CONNECTION_REFUSED/)
    expect(output).not.toContain(key)
  })
})

describe('holdfast', { timeout }, () => {
  it('prints its help, and ends with 2 for a mistake', async () => {
    expect(await holdfast(['--help']).ended).toMatchObject({ code: 0, output: expect.stringContaining('start ') })
    expect(await holdfast(['strat']).ended).toMatchObject({
      code: 2,
      output: expect.stringContaining('Did you mean "start"?'),
    })
  })
})
