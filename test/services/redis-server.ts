import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../harness/ports.ts'

/** The path of `redis-server`; empty where there is none. */
export const REDIS: string = process.env['REDIS_PATH'] ?? ''

/** A Redis of a test's own, on 127.0.0.1, that keeps what it is told. */
export interface RedisServer {
  readonly url: string
  /** Ends the process as an outage does, and begins it again. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Lets it hang, with all its connections, and go on. */
  pause(): void
  resume(): void
  /** One command, as a line. @returns the answer as it comes. */
  command(line: string): Promise<string>
  /** What comes on channels of this pattern from now on. */
  watch(pattern: string): Promise<{ text(): string; end(): void }>
  stop(): Promise<void>
}

/** Starts it with a directory of its own. */
export async function startRedis(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-redis-'))
  const port = await freePorts(1)
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: directory,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
    }
    const child = spawn(
      REDIS,
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: 'ignore' },
    )
    server = child
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`Redis ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function kill(): Promise<void> {
    const child = server
    server = undefined
    if (child === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    async command(line) {
      const { socket, first } = ask(port, line)
      const answer = await first
      socket.destroy()
      return answer
    },
    async watch(pattern) {
      const { socket, first } = ask(port, `PSUBSCRIBE ${pattern}`)
      await first
      let text = ''
      socket.on('data', (data) => (text += data.toString()))
      return { text: () => text, end: () => socket.destroy() }
    },
    async stop() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Sends a line; resolves with what comes first. */
function ask(port: number, line: string): { readonly socket: Socket; readonly first: Promise<string> } {
  const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`))
  const first = new Promise<string>((resolve, reject) => {
    socket.once('data', (data) => resolve(data.toString()))
    socket.on('error', reject)
  })
  return { socket, first }
}

/** Whether it takes commands: while it reads its file it says so. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.on('error', () => resolve(false))
  })
}
