import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../harness/ports.ts'

/** The folder of PostgreSQL's programs; empty where there is none. */
export const POSTGRES: string = process.env['POSTGRES_PATH'] ?? ''

/** A PostgreSQL server of a test's own, on 127.0.0.1. */
export interface PostgresServer {
  readonly port: number
  /** The address for a user without a password; the one that made it unless told otherwise. */
  url(database?: string, user?: string): string
  /** Makes an empty database. @returns its address. */
  newDatabase(): Promise<string>
  /** Runs statements as the one who may do everything. */
  sql(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Ends the process as an outage does, and begins it again. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root. */
const runner: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : []

/** Starts a server with a directory of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const { default: pg } = await import('pg')
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'))
  if (runner.length > 0) run('chown', ['postgres', directory])
  const data = join(directory, 'data')
  run(...as(join(POSTGRES, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync']))
  const port = await freePorts(1)
  let server: ChildProcess | undefined
  let databases = 0

  const url = (database = 'postgres', user = 'postgres'): string => `postgres://${user}@127.0.0.1:${port}/${database}`

  async function sql(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new pg.Client(url(database))
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${directory}`, 'fsync=off']
    const [command, args] = as(join(POSTGRES, 'postgres'), [
      '-D',
      data,
      '-p',
      String(port),
      ...settings.flatMap((one) => ['-c', one]),
    ])
    const child = spawn(command, args, { stdio: 'ignore' })
    server = child
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`)
      try {
        await sql('select 1')
        return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = server
    server = undefined
    if (child === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  await start()
  return {
    port,
    url,
    sql,
    start,
    async newDatabase() {
      databases += 1
      const name = `test_${databases}`
      await sql(`create database ${name}`)
      return url(name)
    },
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function as(command: string, args: readonly string[]): [string, string[]] {
  const [first, ...rest] = [...runner, command, ...args]
  return [first!, rest]
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
}
