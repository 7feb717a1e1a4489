import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '@holdfast/agents/workflows'
import { closeSharedStore, setUp, sharedStore } from './harness.ts'

const DAY_MS = 86_400_000

beforeAll(sharedStore, 60_000)
afterAll(closeSharedStore)

describe('a workflow', () => {
  it('does its steps in their order, once, over a sleep of days, and gives its output', async () => {
    const done: string[] = []
    const trip = defineWorkflow({
      name: 'trip',
      version: 1,
      input: z.object({ to: z.string() }),
      async run(run, { to }) {
        const flights = await run.step('search', ({ attempt }) => {
          done.push(`search ${attempt}`)
          return [`LFMN-${to}`]
        })
        await run.sleep('wait', 3 * DAY_MS)
        const id = await run.transaction('keep', async (transaction) => {
          done.push('keep')
          const row = await transaction
            .insertInto('leads')
            .values({ source: to })
            .returning('id')
            .executeTakeFirstOrThrow()
          return row.id
        })
        return { flights, kept: typeof id }
      },
    })
    const { workflows, jobs, tenant, pass, events } = await setUp([trip])
    const { runId } = await workflows.start(tenant, trip, { to: 'KMIA' })
    await jobs.work()
    expect(await workflows.get(tenant, runId)).toMatchObject({
      state: 'waiting',
      steps: [{ name: 'search' }, { name: 'wait', state: 'waiting' }],
    })
    await pass(DAY_MS)
    expect(done).toEqual(['search 1'])
    await pass(2 * DAY_MS)
    expect(jobs.failures).toEqual([])
    expect(await workflows.result(tenant, runId)).toEqual({ flights: ['LFMN-KMIA'], kept: 'string' })
    expect(done).toEqual(['search 1', 'keep'])
    expect(await events(`run:${runId}`)).toEqual([
      'workflow-started',
      'step-started',
      'step-completed',
      'step-waiting',
      'step-completed',
      'step-completed',
      'workflow-completed',
    ])
  })
})
