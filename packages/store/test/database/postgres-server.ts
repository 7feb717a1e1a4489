import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** A PostgreSQL of one's own, for one test file. */
export interface PostgresServer {
  readonly host: string
  /** `postgresql://login@127.0.0.1:port/database` */
  url(login: string, database: string): string
  /** As the superuser; with a role, as that. */
  query(
    database: string,
    text: string,
    parameters?: readonly unknown[],
    role?: string,
  ): Promise<readonly Record<string, unknown>[]>
  /** An empty database, with a login that may make roles in it, and one that may nothing yet. */
  createDatabase(): Promise<{ readonly name: string; readonly url: string; readonly migrationUrl: string }>
  stop(): Promise<void>
  /** Starts it again where it was. */
  start(): Promise<void>
}

/** `postgres` refuses to run as root; Debian's package makes a user for it. */
const asPostgres = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : []

/** @param bin the folder with `initdb` and `postgres` */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'))
  if (asPostgres.length > 0) await chown(folder, idOf('-u'), idOf('-g'))
  const data = join(folder, 'data')
  run(folder, join(bin, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync')
  const port = await freePort()
  const url = (login: string, database: string): string => `postgresql://${login}@127.0.0.1:${port}/${database}`
  const query: PostgresServer['query'] = async (database, text, parameters = [], role = 'none') => {
    const client = new pg.Client({ connectionString: url('postgres', database) })
    await client.connect()
    try {
      await client.query(`set role ${role}`)
      return (await client.query(text, [...parameters])).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }
  const options = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: '50',
  }
  const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [...asPostgres, join(bin, 'postgres'), '-D', data, '-p', String(port), ...settings]
  let server: ReturnType<typeof spawn> | undefined
  let output = ''
  const start = async (): Promise<void> => {
    const child = spawn(command[0] ?? '', command.slice(1), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output = `${output}${text}`.slice(-4_000)))
    server = child
    while (child.exitCode === null) {
      const answers = await query('postgres', 'select 1').catch(() => undefined)
      if (answers !== undefined) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`PostgreSQL has not started: ${output}`)
  }
  const halt = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGQUIT')
    await ended
  }
  await start()
  let databases = 0
  return {
    host: `127.0.0.1:${port}`,
    url,
    query,
    createDatabase: async () => {
      databases += 1
      const name = `holdfast_${databases}`
      await query('postgres', `create database ${name}`)
      // As the reference tells whoever runs a server.
      await query(name, 'revoke execute on function pg_catalog.set_config(text, text, boolean) from public')
      // One for all: from PostgreSQL 16 on, only who made a role may give it to others.
      if (databases === 1) await query(name, 'create role migrator login createrole')
      await query(name, `grant create on database ${name} to migrator`)
      await query(name, `create role application_${databases} login noinherit`)
      return { name, url: url(`application_${databases}`, name), migrationUrl: url('migrator', name) }
    },
    start,
    stop: async () => {
      await halt()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function run(cwd: string, ...program: readonly string[]): void {
  const [name = '', ...args] = [...asPostgres, ...program]
  const { status, stderr, error } = spawnSync(name, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program[0] ?? ''} failed: ${error?.message ?? stderr}`)
}

function idOf(which: '-u' | '-g'): number {
  return Number(spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
