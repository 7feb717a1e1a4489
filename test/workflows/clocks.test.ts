import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import type { PostgresServer } from '../services/postgres-server.ts'

const TENANT = 'acme'
const AHEAD = 600_000

describe.skipIf(POSTGRES === '')('workers whose wall clock is wrong by ten minutes', () => {
  let server: PostgresServer
  let url: string
  let store: Store
  let directory: string
  const children: ChildProcess[] = []

  beforeAll(async () => {
    server = await startPostgres()
    url = await server.newDatabase()
    directory = await mkdtemp(join(tmpdir(), 'holdfast-clocks-'))
    store = await openStore({ url })
    await store.asWorker(TENANT, (transaction) =>
      transaction.insertInto('tenants').values({ id: TENANT, name: 'Acme' }).execute(),
    )
  }, 120_000)
  afterEach(() => Promise.all(children.splice(0).map(kill)))
  afterAll(async () => {
    await store?.close()
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  async function begin(effects: string, mode: 'hold' | 'finish', shiftMs: number): Promise<ChildProcess> {
    const script = fileURLToPath(new URL('slow-worker.ts', import.meta.url))
    const clock = ['--import', new URL('shifted-clock.ts', import.meta.url).href]
    const child = spawn(process.execPath, ['--conditions=holdfast-source', ...clock, script, url, effects, mode], {
      env: { ...process.env, CLOCK_SHIFT_MS: String(shiftMs) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(child.stdout, 'data')
    return child
  }
  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  const begun = (effects: string): Promise<string[]> =>
    readFile(effects, 'utf8').then(
      (text) => text.split('\n').filter((line) => line !== ''),
      () => [],
    )
  const completed = (pid: number | undefined): Promise<unknown[]> =>
    store.asWorker(TENANT, async (transaction) => {
      const runs = await transaction.selectFrom('workflow_runs').select(['state', 'output']).execute()
      return runs.filter(({ state, output }) => state === 'completed' && output === pid)
    })

  it.each([
    ['ahead', 0, AHEAD],
    ['behind, at the run itself', -AHEAD, 0],
    ['behind', 0, -AHEAD],
    ['ahead, at the run itself', AHEAD, 0],
  ])(
    'leave a run to whoever is at it: %s',
    async (name, holderMs, otherMs) => {
      const effects = join(directory, `held ${name}`)
      const holder = await begin(effects, 'hold', holderMs)
      await expect.poll(() => begun(effects), { timeout: 40_000 }).toHaveLength(1)
      await begin(effects, 'finish', otherMs)
      await expect.poll(() => completed(holder.pid), { timeout: 40_000 }).toHaveLength(1)
      expect(await begun(effects)).toEqual([`begun by ${holder.pid}`])
    },
    60_000,
  )

  it.each([
    ['ahead', AHEAD, 0],
    ['behind', 0, -AHEAD],
  ])(
    'do not keep a run from the others when they are lost: %s',
    async (name, lostMs, otherMs) => {
      const effects = join(directory, `lost ${name}`)
      const lost = await begin(effects, 'hold', lostMs)
      await expect.poll(() => begun(effects), { timeout: 40_000 }).toHaveLength(1)
      await kill(lost)
      const other = await begin(effects, 'finish', otherMs)
      await expect.poll(() => completed(other.pid), { timeout: 40_000 }).toHaveLength(1)
      expect(await begun(effects)).toHaveLength(2)
    },
    60_000,
  )
})
