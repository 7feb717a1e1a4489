import { defineAgent } from '@holdfast/agents/agents'
import type { AgentToolOptions } from '@holdfast/agents/agents'
import { defineWorkflow } from '@holdfast/agents/workflows'
import { tool } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { closeSharedStore, setUp, sharedStore } from './harness.ts'

beforeAll(sharedStore, 60_000)
afterAll(closeSharedStore)

describe('runs', () => {
  it('are listed the latest first, page by page, by what they are', async () => {
    const quick = defineWorkflow({ name: 'quick', version: 1, input: z.object({}), run: () => Promise.resolve(1) })
    const broken = defineWorkflow({
      name: 'broken',
      version: 1,
      input: z.object({}),
      run: () => Promise.reject(new Error('no')),
    })
    const { workflows, jobs, tenant, clock } = await setUp([quick, broken])
    const ids: string[] = []
    for (let number = 0; number < 5; number += 1) {
      clock.setWallTime(clock.wallTime() + 1)
      ids.unshift((await workflows.start(tenant, number === 2 ? broken : quick, {})).runId)
    }
    await jobs.work()
    const ada = { tenant, user: 'ada' }
    const idsOf = async (options: object): Promise<readonly string[]> =>
      (await workflows.list(ada, options)).map(({ runId }) => runId)
    expect(await idsOf({})).toEqual(ids)
    expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2))
    expect(await idsOf({ limit: 2, before: ids[1] })).toEqual(ids.slice(2, 4))
    expect(await idsOf({ before: ids[4] })).toEqual([])
    expect(await idsOf({ workflow: 'broken' })).toEqual([ids[2]])
    expect(await idsOf({ state: 'failed' })).toEqual([ids[2]])
    expect(await workflows.get(ada, 'no such run')).toBeUndefined()
    await expect(workflows.list(ada, { limit: 0 })).rejects.toThrow(/limit must be a whole number from 1 to 1,000/)
  })
})

describe('an agent as a step', () => {
  it('is run once, with keys that are the same when the step is done again, and is in the log by its name', async () => {
    const keys: string[] = []
    let calls = 0
    const model = new MockLanguageModelV4({
      doGenerate: () => {
        calls += 1
        if (calls === 2) return Promise.reject(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
        const isCall = calls % 2 === 1
        return Promise.resolve({
          content: [
            isCall
              ? { type: 'tool-call', toolCallId: `c-${calls}`, toolName: 'book', input: '{"flight":7}' }
              : { type: 'text', text: 'Booked.' },
          ],
          finishReason: { unified: isCall ? 'tool-calls' : 'stop', raw: undefined },
          usage: {
            inputTokens: { total: 5, noCache: 5, cacheRead: undefined, cacheWrite: undefined },
            outputTokens: { total: 5, text: 5, reasoning: undefined },
          },
          warnings: [],
        })
      },
    })
    const booker = defineAgent({
      name: 'booker',
      description: 'Books.',
      model,
      instructions: 'Book it.',
      tools: {
        book: tool({
          inputSchema: z.object({ flight: z.number() }),
          execute: (_, options) => {
            keys.push((options as unknown as AgentToolOptions).idempotencyKey)
            return 'done'
          },
        }),
      },
    })
    const workflow = defineWorkflow({
      name: 'booking',
      version: 1,
      input: z.object({}),
      async run(run) {
        const result = await run.agent('book', booker, 'Flight 7', { backoffMs: 0 })
        await run.sleep('night', 1_000)
        return result.status === 'completed' ? result.output : result.limit
      },
    })
    const harness = await setUp([workflow])
    const { workflows, jobs, tenant, store, pass } = harness
    const { runId } = await workflows.start(tenant, workflow, {})
    await jobs.work()
    await pass(1_000)
    expect(await workflows.result(tenant, runId)).toBe('Booked.')
    // The first try was cut off after its tool; the second made the same call.
    expect(calls).toBe(4)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    const log = await store.asWorker(tenant, (transaction) =>
      transaction
        .selectFrom('activities')
        .select(['agent', 'activity', 'details'])
        .where('agent', '=', 'booker')
        .execute(),
    )
    expect(log.map(({ activity }) => activity).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'step-completed',
      'step-retried',
    ])
    expect(log.find(({ activity }) => activity === 'step-completed')?.details).toMatchObject({
      step: 'book',
      kind: 'agent',
      status: 'completed',
      usage: { inputTokens: 10, outputTokens: 10 },
    })
  })
})
