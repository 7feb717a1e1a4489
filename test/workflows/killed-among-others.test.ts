import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJobs } from '@holdfast/agents/jobs'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { createWorkflows } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import { describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import { tripOf } from './trip.ts'

const TENANT = 'acme'
const RUNS = 20

describe.skipIf(POSTGRES === '')('processes that are killed one after the other, among others that work', () => {
  it('leave every run to be finished, with each effect once', async () => {
    const server = await startPostgres()
    const url = await server.newDatabase()
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-workflows-'))
    const effects = join(directory, 'effects')
    const store = await openStore({ url })
    const jobs = createJobs({ driver: pgBossDriver({ url }) })
    const workflows = createWorkflows({ store, jobs, workflows: tripOf({ effects, at: () => Promise.resolve() }) })
    const children: ChildProcess[] = []
    const begin = async (): Promise<ChildProcess> => {
      const script = fileURLToPath(new URL('worker.ts', import.meta.url))
      const child = spawn(process.execPath, ['--conditions=holdfast-source', script, url, effects], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      await once(child.stdout, 'data')
      return child
    }
    try {
      await store.asWorker(TENANT, (transaction) =>
        transaction.insertInto('tenants').values({ id: TENANT, name: 'Acme' }).execute(),
      )
      const started = await Promise.all(
        Array.from({ length: RUNS }, (_, n) => workflows.start(TENANT, 'trip', { to: `airport ${n}` })),
      )
      await Promise.all(started.map(({ runId }) => workflows.signal(TENANT, runId, 'reply', 'yes')))
      const [first] = await Promise.all([begin(), begin()])
      for (let victim = first; children.length < 5; victim = await begin()) {
        await new Promise((resolve) => setTimeout(resolve, 400))
        const exited = once(victim, 'exit')
        victim.kill('SIGKILL')
        await exited
      }
      const outputs = await Promise.all(
        started.map(({ runId }) => workflows.result(TENANT, runId, { timeoutMs: 120_000 })),
      )
      expect(outputs).toEqual(
        Array.from({ length: RUNS }, (_, n) =>
          expect.objectContaining({ quote: `quote for airport ${n}`, both: { mail: 'sent', crm: 'noted' } }),
        ),
      )
      // Two processes may write a line at the same moment: the other side of this test knows a key by its line.
      const lines = (await readFile(effects, 'utf8')).trim().split('\n')
      expect(new Set(lines).size).toBe(2 * RUNS)
      const { leads, events } = await store.asWorker(TENANT, async (transaction) => ({
        leads: await transaction.selectFrom('leads').select('source').execute(),
        events: await transaction
          .selectFrom('outbox')
          .select(['topic', 'payload'])
          .where('event', '=', 'step-completed')
          .execute(),
      }))
      expect(leads).toHaveLength(RUNS)
      const told = events.map(({ topic, payload }) => `${topic} ${(payload as { step: string }).step}`)
      // Seven of each trip, and one of its leg.
      expect(told).toHaveLength(8 * RUNS)
      expect(new Set(told).size).toBe(8 * RUNS)
    } finally {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }
      await jobs.close()
      await store.close()
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }, 240_000)
})
