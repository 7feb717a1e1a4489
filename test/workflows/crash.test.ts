import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Workflows } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundled } from '../harness/bundled.ts'
import type { Bundled } from '../harness/bundled.ts'
import { poisonOf, tripOf } from './trip.ts'

const TENANT = 'acme'

/** Nobody works here: that is for the processes that are killed. */
const noJobs = {
  add: () => Promise.reject(new Error('The queue is away')),
  work: () => Promise.reject(new Error('The queue is away')),
} as never

describe('a run whose worker is killed', () => {
  let program: Bundled
  let directory: string

  beforeAll(async () => {
    program = await bundled(new URL('killed-worker.ts', import.meta.url))
  })
  afterAll(() => program?.remove())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-workflows-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  /** With the store open here; only one process may have it. */
  async function between<T>(work: (store: Store, workflows: Workflows) => Promise<T>): Promise<T> {
    const store = await openStore({ directory: join(directory, 'store') })
    const outside = { effects: join(directory, 'effects'), at: () => Promise.resolve() }
    try {
      return await work(
        store,
        createWorkflows({ store, jobs: noJobs, workflows: [...tripOf(outside), poisonOf(directory)] }),
      )
    } finally {
      await store.close()
    }
  }

  /** @returns what the run came to, or how the process ended. */
  async function worker(
    runId: string,
    mode: 'boundaries' | 'poison',
  ): Promise<{ readonly said: string; readonly signal: string | null }> {
    const child = spawn(process.execPath, [program.path, directory, TENANT, runId, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return { said: said.trim(), signal }
  }

  it('at each of its boundaries, once, ends with each effect once', async () => {
    const runId = await between(async (store, workflows) => {
      await store.asWorker(TENANT, (transaction) =>
        transaction.insertInto('tenants').values({ id: TENANT, name: 'Acme' }).execute(),
      )
      const started = await workflows.start(TENANT, 'trip', { to: 'KMIA' })
      await workflows.signal(TENANT, started.runId, 'reply', 'yes')
      return started.runId
    })
    let kills = 0
    for (; kills < 60; kills += 1) {
      const { said, signal } = await worker(runId, 'boundaries')
      if (signal === 'SIGKILL') continue
      expect(JSON.parse(said)).toEqual({
        found: 'flight to KMIA',
        reply: 'received',
        quote: 'quote for KMIA',
        both: { mail: 'sent', crm: 'noted' },
      })
      break
    }
    const points = (await readFile(join(directory, 'killed-at'), 'utf8')).trim().split('\n')
    expect(points).toHaveLength(kills)
    // Each step has been begun, in its midst, and over, when a process was killed.
    expect(kills).toBeGreaterThan(15)
    for (const point of ['before the search', 'after the search', 'in the transaction']) expect(points).toContain(point)
    const effects = (await readFile(join(directory, 'effects'), 'utf8')).trim().split('\n')
    expect(effects.map((line) => line.split(' ')[0]!).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'mail',
      'search',
    ])
    await between(async (store) => {
      const { leads, events } = await store.asWorker(TENANT, async (transaction) => ({
        leads: await transaction.selectFrom('leads').select('source').execute(),
        events: await transaction
          .selectFrom('outbox')
          .select(['event', 'payload'])
          .where('topic', '=', `run:${runId}`)
          .orderBy('seq')
          .execute(),
      }))
      expect(leads).toEqual([{ source: 'flight to KMIA' }])
      const over = events
        .filter(({ event }) => event === 'step-completed')
        .map(({ payload }) => (payload as { step: string }).step)
      expect(over.toSorted()).toEqual(['both/crm/send', 'both/mail/send', 'keep', 'leg', 'reply', 'rest', 'search'])
      expect(events.filter(({ event }) => event === 'workflow-completed')).toHaveLength(1)
    })
  }, 900_000)

  it('by the run itself, again and again, is given up as a dead letter, and ends well once it is brought back', async () => {
    const runId = await between(async (store, workflows) => {
      await store.asWorker(TENANT, (transaction) =>
        transaction.insertInto('tenants').values({ id: TENANT, name: 'Acme' }).execute(),
      )
      return (await workflows.start(TENANT, 'poison', {})).runId
    })
    expect((await worker(runId, 'poison')).signal).toBe('SIGKILL')
    expect((await worker(runId, 'poison')).signal).toBe('SIGKILL')
    expect(await worker(runId, 'poison')).toEqual({ said: '"WORKFLOW_POISONED"', signal: null })
    await between(async (_, workflows) => {
      expect(await workflows.list(TENANT, { state: 'failed' })).toMatchObject([
        { runId, failure: { code: 'WORKFLOW_POISONED' } },
      ])
      await writeFile(join(directory, 'mended'), '')
      await workflows.redrive(TENANT, runId)
    })
    expect(await worker(runId, 'poison')).toEqual({ said: '"well"', signal: null })
  }, 240_000)
})
