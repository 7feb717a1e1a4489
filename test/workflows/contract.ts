import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobs } from '@holdfast/agents/jobs'
import type { JobDriver, Jobs } from '@holdfast/agents/jobs'
import { createWorkflows, defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow, Workflows, WorkflowsOptions } from '@holdfast/agents/workflows'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tripOf } from './trip.ts'

/** A store and a queue under test; each opening is as a process that comes after. */
export interface Engine {
  store(): Promise<Store>
  driver(): Promise<{ readonly driver: JobDriver; close(): Promise<void> }>
  close(): Promise<void>
}

interface Process {
  readonly store: Store
  readonly jobs: Jobs
  readonly workflows: Workflows
  end(): Promise<void>
}

const TENANT = 'acme'
const chief = { tenant: TENANT, user: 'ada', roles: ['chief'] }

/** What workflows have to hold over real queues, in real time. */
export function describeWorkflows(name: string, open: () => Promise<Engine>): void {
  describe(`workflows on ${name}`, () => {
    let engine: Engine
    let directory: string

    beforeAll(async () => {
      engine = await open()
      directory = await mkdtemp(join(tmpdir(), 'holdfast-workflows-'))
      const store = await engine.store()
      await store.asWorker(TENANT, (transaction) =>
        transaction.insertInto('tenants').values({ id: TENANT, name: 'Acme' }).execute(),
      )
      await store.close()
    }, 120_000)
    afterAll(async () => {
      await engine?.close()
      await rm(directory, { recursive: true, force: true })
    })

    async function begin(
      workflows: readonly Workflow<never>[],
      options: Partial<WorkflowsOptions> = {},
    ): Promise<Process> {
      const store = await engine.store()
      const { driver, close } = await engine.driver()
      const jobs = createJobs({ driver })
      const made = createWorkflows({ store, jobs, workflows, sweepMs: 300, leaseMs: 2_000, ...options })
      return {
        store,
        jobs,
        workflows: made,
        async end() {
          await made.close({ drainMs: 2_000 })
          await jobs.close({ drainMs: 500 })
          await close()
          await store.close()
        },
      }
    }

    it('are done to their end, with a child, branches, a signal and a sleep', async () => {
      const effects = join(directory, 'trip')
      const process = await begin(tripOf({ effects, at: () => Promise.resolve() }))
      try {
        await process.workflows.work()
        const { runId } = await process.workflows.start(TENANT, 'trip', { to: 'KMIA' })
        await process.workflows.signal(chief, runId, 'reply', 'yes')
        expect(await process.workflows.result(chief, runId, { timeoutMs: 40_000 })).toMatchObject({
          quote: 'quote for KMIA',
          both: { mail: 'sent', crm: 'noted' },
        })
      } finally {
        await process.end()
      }
    }, 120_000)

    it('of two workers do each effect once', async () => {
      const effects: string[] = []
      const busy = defineWorkflow({
        name: 'busy',
        version: 1,
        input: z.object({ n: z.number() }),
        async run(run, { n }) {
          for (const step of ['a', 'b', 'c']) await run.step(step, () => effects.push(`${n} ${step}`))
          await run.transaction('keep', (transaction) =>
            transaction
              .insertInto('leads')
              .values({ source: `busy ${n}` })
              .execute()
              .then(() => null),
          )
          return n
        },
      })
      const process = await begin([busy])
      try {
        const others = createWorkflows({
          store: process.store,
          jobs: process.jobs,
          workflows: [busy],
          sweepMs: 300,
          leaseMs: 2_000,
        })
        await Promise.all([process.workflows.work({ concurrency: 3 }), others.work({ concurrency: 3 })])
        const started = await Promise.all(
          Array.from({ length: 10 }, (_, n) => process.workflows.start(TENANT, busy, { n })),
        )
        // Woken far more often than there is something to do.
        await Promise.all(started.map(({ runId }) => others.signal(TENANT, runId, 'look')))
        const outputs = await Promise.all(
          started.map(({ runId }) => process.workflows.result(TENANT, runId, { timeoutMs: 60_000 })),
        )
        expect(outputs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        expect(new Set(effects).size).toBe(30)
        expect(effects).toHaveLength(30)
        const leads = await process.store.asWorker(TENANT, (transaction) =>
          transaction.selectFrom('leads').select('source').where('source', 'like', 'busy %').execute(),
        )
        expect(leads).toHaveLength(10)
        await others.close()
      } finally {
        await process.end()
      }
    }, 180_000)

    it('sleep, and wait for a person, while no process is up', async () => {
      const offer = defineWorkflow({
        name: 'offer',
        version: 1,
        input: z.object({}),
        async run(run) {
          await run.sleep('rest', 1_500)
          const decision = await run.approval('send', { ask: 'Send it?', roles: ['chief'] })
          return decision.decision
        },
      })
      const first = await begin([offer])
      await first.workflows.work()
      const { runId } = await first.workflows.start(TENANT, offer, {})
      await expect
        .poll(async () => (await first.workflows.get(TENANT, runId))?.state, { timeout: 20_000 })
        .toBe('waiting')
      await first.end()
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      const second = await begin([offer])
      await second.workflows.work()
      await expect
        .poll(async () => (await second.workflows.list(chief, { awaitsApproval: true })).map((run) => run.runId), {
          timeout: 15_000,
        })
        .toEqual([runId])
      await second.end()
      // Decided where nobody works, as by an API server.
      const third = await begin([offer])
      await third.workflows.approve(chief, runId, 'send')
      await third.end()
      const fourth = await begin([offer])
      await fourth.workflows.work()
      expect(await fourth.workflows.result(chief, runId, { timeoutMs: 40_000 })).toBe('approved')
      await fourth.end()
    }, 180_000)

    it('are cancelled in the midst of a step, and end at their deadline', async () => {
      const reasons: unknown[] = []
      const hanging = defineWorkflow({
        name: 'hanging',
        version: 1,
        input: z.object({}),
        run: (run) =>
          run.step(
            'hang',
            ({ signal }) =>
              new Promise((_, reject) =>
                signal.addEventListener('abort', () => {
                  reasons.push((signal.reason as { code: string }).code)
                  reject(signal.reason as Error)
                }),
              ),
          ),
      })
      const process = await begin([hanging])
      try {
        await process.workflows.work()
        const { runId } = await process.workflows.start(TENANT, hanging, {})
        await expect
          .poll(async () => (await process.workflows.get(TENANT, runId))?.steps.length, { timeout: 20_000 })
          .toBe(1)
        await process.workflows.cancel(chief, runId)
        await expect(process.workflows.result(TENANT, runId, { timeoutMs: 30_000 })).rejects.toMatchObject({
          code: 'WORKFLOW_CANCELLED',
        })
        const late = await process.workflows.start(TENANT, hanging, {}, { deadlineMs: 1_500 })
        await expect(process.workflows.result(TENANT, late.runId, { timeoutMs: 40_000 })).rejects.toMatchObject({
          code: 'DEADLINE_EXCEEDED',
        })
        expect(reasons).toEqual(['WORKFLOW_CANCELLED', 'DEADLINE_EXCEEDED'])
      } finally {
        await process.end()
      }
    }, 120_000)

    it('that are at a step when their worker stops go on elsewhere', async () => {
      const slow = (waitMs: number): Workflow<never> =>
        defineWorkflow({
          name: 'slow',
          version: 1,
          input: z.object({}),
          run: (run) =>
            run.step(
              'work',
              ({ signal, attempt }) =>
                new Promise((resolve, reject) => {
                  const timer = setTimeout(() => resolve(attempt), waitMs)
                  signal.addEventListener('abort', () => {
                    clearTimeout(timer)
                    reject(signal.reason as Error)
                  })
                }),
            ),
        }) as Workflow<never>
      const first = await begin([slow(60_000)])
      await first.workflows.work()
      const { runId } = await first.workflows.start(TENANT, 'slow', {})
      await expect
        .poll(async () => (await first.workflows.get(TENANT, runId))?.steps.length, { timeout: 20_000 })
        .toBe(1)
      const before = performance.now()
      await first.workflows.close({ drainMs: 200 })
      expect(performance.now() - before).toBeLessThan(8_000)
      await first.end()
      const second = await begin([slow(1)])
      await second.workflows.work()
      expect(await second.workflows.result(TENANT, runId, { timeoutMs: 40_000 })).toBe(2)
      await second.end()
    }, 120_000)
  })
}
