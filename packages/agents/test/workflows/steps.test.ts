import { HoldfastError } from '@holdfast/core'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '@holdfast/agents/workflows'
import type { StepContext, StepOptions, Workflow, WorkflowRun } from '@holdfast/agents/workflows'
import { closeSharedStore, setUp, sharedStore } from './harness.ts'
import type { Harness } from './harness.ts'

const DAY_MS = 86_400_000
const nothing = z.object({})

beforeAll(sharedStore, 60_000)
afterAll(closeSharedStore)

const flow = <Output>(
  name: string,
  run: (run: WorkflowRun) => Promise<Output>,
  version = 1,
): Workflow<Record<string, never>, Output> => defineWorkflow({ name, version, input: nothing, run })

async function outcome({ workflows, tenant }: Harness, runId: string): Promise<unknown> {
  const run = await workflows.get(tenant, runId)
  return run?.state === 'completed' ? run.output : (run?.failure?.code ?? run?.state)
}

async function runOnce(harness: Harness, workflow: Workflow<never>): Promise<{ runId: string; outcome: unknown }> {
  const { runId } = await harness.workflows.start(harness.tenant, workflow as Workflow<Record<string, never>>, {})
  await harness.jobs.work()
  return { runId, outcome: await outcome(harness, runId) }
}

describe('a step', () => {
  it('that fails is tried again after ever longer waits, under the same key', async () => {
    const tries: [number, string][] = []
    const workflow = flow('flaky', (run) =>
      run.step(
        'call',
        ({ attempt, idempotencyKey }: StepContext) => {
          tries.push([attempt, idempotencyKey])
          if (attempt < 3) throw new Error('not yet')
          return 'done'
        },
        { backoffMs: 1_000 },
      ),
    )
    const harness = await setUp([workflow])
    const { runId, outcome: first } = await runOnce(harness, workflow)
    expect(first).toBe('waiting')
    await harness.pass(999)
    expect(tries).toHaveLength(1)
    await harness.pass(1)
    await harness.pass(1_999)
    expect(tries).toHaveLength(2)
    await harness.pass(1)
    expect(await outcome(harness, runId)).toBe('done')
    expect(tries.map(([attempt]) => attempt)).toEqual([1, 2, 3])
    expect(new Set(tries.map(([, key]) => key)).size).toBe(1)
    expect(tries[0]![1]).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<[string, unknown, StepOptions, string, number]>([
    ['in vain', new Error('no'), { retries: 2, backoffMs: 0 }, 'STEP_FAILED', 3],
    ['of a kind that stays', clientError(), { retries: 5, backoffMs: 0 }, 'NO_AIRPORT', 1],
    ['that must not be repeated', new Error('lost'), { repeatable: false, backoffMs: 0 }, 'STEP_FAILED', 1],
    ['that certainly did nothing', refusedError(), { repeatable: false, backoffMs: 0 }, 'CONNECTION_REFUSED', 3],
  ])('%s fails with its code after its tries', async (_, error, options, code, expected) => {
    let tries = 0
    const workflow = flow('failing', (run) =>
      run.step(
        'call',
        () => {
          tries += 1
          throw error
        },
        options,
      ),
    )
    const harness = await setUp([workflow])
    expect((await runOnce(harness, workflow)).outcome).toBe(code)
    expect(tries).toBe(expected)
  })

  it('that has failed can be caught, and is caught the same each time', async () => {
    const undone: unknown[] = []
    const workflow = flow('saga', async (run) => {
      try {
        await run.step('book', () => Promise.reject(clientError()))
      } catch (error) {
        await run.step('undo', () => undone.push((error as HoldfastError).code))
      }
      await run.sleep('night', DAY_MS)
      return 'undone'
    })
    const harness = await setUp([workflow])
    const { runId } = await runOnce(harness, workflow)
    await harness.pass(DAY_MS)
    expect(await outcome(harness, runId)).toBe('undone')
    expect(undone).toEqual(['NO_AIRPORT'])
  })

  it('that hangs ends at its timeout', async () => {
    const workflow = flow('slow', (run) =>
      run.step('hang', () => new Promise(() => undefined), { timeoutMs: 3_000, retries: 0 }),
    )
    const harness = await setUp([workflow])
    const { runId } = await harness.workflows.start(harness.tenant, workflow, {})
    const work = harness.jobs.work()
    await expect.poll(async () => (await harness.workflows.get(harness.tenant, runId))?.steps.length).toBe(1)
    await harness.clock.advance(3_000)
    await work
    expect(await outcome(harness, runId)).toBe('STEP_TIMEOUT')
  })

  it('whose result is too large, or no JSON, fails', async () => {
    const workflow = flow('large', async (run) => {
      const codes: unknown[] = []
      for (const [name, value] of Object.entries({ large: 'x'.repeat(2_000), big: 1n })) {
        codes.push(await run.step(name, () => value, { retries: 0 }).catch((error: HoldfastError) => error.code))
      }
      return codes
    })
    const harness = await setUp([workflow], { maxResultChars: 1_024 })
    expect((await runOnce(harness, workflow)).outcome).toEqual(['RESULT_REFUSED', 'RESULT_REFUSED'])
  })

  it('keeps no secret of an error', async () => {
    const workflow = flow('leaky', (run) =>
      run.step('call', () => Promise.reject(new Error('Authorization: Bearer abcdefghijklmnop1234 failed')), {
        retries: 0,
      }),
    )
    const harness = await setUp([workflow])
    const { runId } = await runOnce(harness, workflow)
    const rows = await harness.store.asWorker(harness.tenant, (transaction) =>
      sql<object>`select (select jsonb_agg(to_jsonb(r)) from workflow_runs r) as a, (select jsonb_agg(to_jsonb(s)) from workflow_steps s) as b,
        (select jsonb_agg(to_jsonb(o)) from outbox o) as c, (select jsonb_agg(to_jsonb(x)) from activities x) as d`.execute(
        transaction,
      ),
    )
    const kept = JSON.stringify(rows.rows)
    expect(kept).toContain(runId)
    expect(kept).not.toContain('abcdefghijklmnop1234')
  })
})

describe('a transaction of a run', () => {
  it('is done once with its step, or not at all', async () => {
    let tries = 0
    const workflow = flow('kept', (run) =>
      run.transaction(
        'keep',
        async (transaction) => {
          await transaction.insertInto('leads').values({ source: 'web' }).execute()
          tries += 1
          if (tries < 3) throw new Error('after the insert')
          return tries
        },
        { backoffMs: 0 },
      ),
    )
    const harness = await setUp([workflow])
    expect((await runOnce(harness, workflow)).outcome).toBe(3)
    const leads = await harness.store.asWorker(harness.tenant, (transaction) =>
      transaction.selectFrom('leads').select('id').execute(),
    )
    expect(leads).toHaveLength(1)
  })

  it('that cannot be made fails with the code of the store', async () => {
    const workflow = flow('refused', (run) =>
      run.transaction('keep', (transaction) =>
        transaction.insertInto('messages').values({ conversation_id: run.id, role: 'user', content: '' }).execute(),
      ),
    )
    const harness = await setUp([workflow])
    expect((await runOnce(harness, workflow)).outcome).toBe('REFERENCE_MISSING')
  })
})

describe('a store that is away', () => {
  it('at each transaction in turn costs a run nothing but time', async () => {
    const done: string[] = []
    const workflow = flow('steady', async (run) => {
      await run.step('first', ({ idempotencyKey }) => done.push(idempotencyKey))
      await run.transaction('keep', async (transaction) => {
        await transaction.insertInto('leads').values({ source: 'steady' }).execute()
      })
      await run.sleep('nap', 1_000)
      return run.all('both', { a: (branch) => branch.step('a', () => 1), b: (branch) => branch.step('b', () => 2) })
    })
    const harness = await setUp([workflow])
    const { runId } = await harness.workflows.start(harness.tenant, workflow, {})
    let count = 0
    let failAt = 0
    const away = (): HoldfastError =>
      new HoldfastError({ code: 'CIRCUIT_OPEN', category: 'rejected', message: 'away', retryable: false })
    const store: Pick<typeof harness.store, 'asWorker' | 'withClaims'> = {
      withClaims: (...given) => harness.store.withClaims(...given),
      async asWorker(...given) {
        count += 1
        // Before it, and so that nobody hears of its commit.
        if (count === failAt) throw away()
        const result = await harness.store.asWorker(...given)
        if (count === failAt + 1 && failAt > 0) {
          failAt = 0
          throw away()
        }
        return result
      },
    }
    const flaky = await harness.again([workflow], { store, maxLostLeases: 100 })
    for (let at = 1; at < 60; at += 1) {
      count = 0
      failAt = at % 12
      await flaky.workflows.sweep().catch(() => 0)
      await flaky.pass(30_000)
      if ((await harness.workflows.get(harness.tenant, runId))?.state === 'completed') break
    }
    expect(await outcome(harness, runId)).toEqual({ a: 1, b: 2 })
    expect(new Set(done).size).toBe(1)
    const leads = await harness.store.asWorker(harness.tenant, (transaction) =>
      transaction.selectFrom('leads').select('id').execute(),
    )
    expect(leads).toHaveLength(1)
    const events = await harness.events(`run:${runId}`)
    expect(events.filter((event) => event === 'step-completed')).toHaveLength(5)
  })
})

describe('branches', () => {
  it('go on side by side, each with its own names and waits', async () => {
    const order: string[] = []
    const workflow = flow('wide', (run) =>
      run.all('offers', {
        jets: async (branch) => {
          await branch.sleep('wait', 2 * DAY_MS)
          return branch.step('search', () => order.push('jets'))
        },
        heavies: async (branch) => {
          const found = await branch.step('search', () => order.push('heavies'))
          await branch.sleep('wait', DAY_MS)
          return branch.step('rank', () => order.push(`heavies ${found}`))
        },
      }),
    )
    const harness = await setUp([workflow])
    const { runId } = await runOnce(harness, workflow)
    await harness.pass(DAY_MS)
    await harness.pass(DAY_MS)
    expect(await outcome(harness, runId)).toEqual({ jets: 3, heavies: 2 })
    expect(order).toEqual(['heavies', 'heavies 1', 'jets'])
    const run = await harness.workflows.get(harness.tenant, runId)
    expect(run?.steps.map(({ name }) => name).toSorted()).toEqual([
      'offers/heavies/rank',
      'offers/heavies/search',
      'offers/heavies/wait',
      'offers/jets/search',
      'offers/jets/wait',
    ])
  })

  it('of which some fail are all brought back with the run', async () => {
    let isMended = false
    const work = (value: number) => (branch: WorkflowRun) =>
      branch.step('do', () => (isMended ? value : Promise.reject(clientError())))
    const workflow = flow('brittle', (run) =>
      run.all('both', { a: work(1), b: work(2), c: (branch) => branch.step('do', () => 3) }),
    )
    const harness = await setUp([workflow])
    const { runId, outcome: first } = await runOnce(harness, workflow)
    expect(first).toBe('NO_AIRPORT')
    expect(await harness.workflows.list(harness.tenant, { state: 'failed' })).toMatchObject([
      { runId, failure: { steps: ['both/a/do', 'both/b/do'] } },
    ])
    isMended = true
    await harness.workflows.redrive(harness.tenant, runId)
    await harness.jobs.work()
    expect(await outcome(harness, runId)).toEqual({ a: 1, b: 2, c: 3 })
    await expect(harness.workflows.redrive(harness.tenant, runId)).rejects.toMatchObject({
      code: 'WORKFLOW_NOT_FAILED',
    })
  })

  it('made with Promise.all of steps do too', async () => {
    const workflow = flow('plain', async (run) => {
      const both = await Promise.all([run.step('a', () => 1), run.step('b', () => 2)])
      await run.sleep('night', DAY_MS)
      return both
    })
    const harness = await setUp([workflow])
    const { runId } = await runOnce(harness, workflow)
    await harness.pass(DAY_MS)
    expect(await outcome(harness, runId)).toEqual([1, 2])
  })
})

describe('a function that takes another way than before', () => {
  const before = flow('way', async (run) => {
    await run.step('search', () => 1)
    await run.step('rank', () => 2)
    await run.sleep('night', DAY_MS)
    return 'old'
  })
  const changes: Record<string, [(run: WorkflowRun) => Promise<unknown>, RegExp]> = {
    'other name': [(run) => run.step('find', () => 1), /Step 1 was "search" \(step\), and is "find" \(step\) now/],
    'other kind': [(run) => run.sleep('search', 1), /Step 1 was "search" \(step\), and is "search" \(sleep\) now/],
    'other order': [
      async (run) => {
        await run.step('rank', () => 1)
        await run.step('search', () => 1)
      },
      /Step 1 was "search"/,
    ],
    'fewer steps': [(run) => run.step('search', () => 1), /"(rank|night)" was a step of it, and is none now/],
    'a name twice': [
      async (run) => {
        await run.step('search', () => 1)
        await run.step('search', () => 1)
      },
      /two steps with the name "search"/,
    ],
  }
  it.each(Object.entries(changes))('by %s fails and says where', async (_, [run, message]) => {
    const harness = await setUp([before])
    const { runId } = await runOnce(harness, before)
    const later = await harness.again([flow('way', (again) => run(again).catch(() => 'caught'))])
    await harness.workflows.signal(harness.tenant, runId, 'look')
    await later.pass(0)
    await later.workflows.sweep()
    await later.jobs.work()
    expect((await later.workflows.get(harness.tenant, runId))?.failure?.message).toMatch(message)
    const mended = await harness.again([before])
    await mended.workflows.redrive(harness.tenant, runId)
    await mended.pass(DAY_MS)
    await mended.workflows.sweep()
    await mended.jobs.work()
    expect(await outcome(mended, runId)).toBe('old')
  })

  it('in a new version leaves the runs of the old one as they are', async () => {
    const harness = await setUp([before])
    const { runId } = await runOnce(harness, before)
    const after = flow('way', (run) => run.step('find', () => 'new'), 2)
    const later = await harness.again([before, after])
    const { outcome: fresh } = await runOnce(later, after)
    expect(fresh).toBe('new')
    await later.pass(DAY_MS)
    await later.workflows.sweep()
    await later.jobs.work()
    expect(await outcome(later, runId)).toBe('old')
  })

  it('of a version that nobody knows waits for somebody who does, and fails when there is none', async () => {
    const harness = await setUp([before], { unknownVersionMs: 60_000 })
    const { runId } = await runOnce(harness, before)
    const later = await harness.again([flow('way', () => Promise.resolve('new'), 2)])
    await later.pass(DAY_MS)
    await later.workflows.sweep()
    await later.jobs.work()
    expect(await outcome(later, runId)).toBe('waiting')
    await later.pass(59_000)
    expect(await outcome(later, runId)).toBe('waiting')
    await later.pass(6_000)
    expect(await outcome(later, runId)).toBe('WORKFLOW_VERSION_UNKNOWN')
    const back = await harness.again([before])
    await back.workflows.redrive(harness.tenant, runId)
    await back.jobs.work()
    expect(await outcome(back, runId)).toBe('old')
  })
})

describe('work that is handed to another workflow', () => {
  const search = defineWorkflow({
    name: 'search',
    version: 1,
    input: z.object({ to: z.string() }),
    async run(run, { to }) {
      await run.sleep('ask', DAY_MS)
      if (to === 'nowhere') throw clientError()
      return `flight to ${to}`
    },
  })
  const desk = (to: string, wait: boolean) =>
    flow('desk', async (run) =>
      wait
        ? run.delegate('search', search, { to }).catch((error: HoldfastError) => error.code)
        : typeof (await run.delegate('search', search, { to }, { wait: false })).runId,
    )

  it.each([
    ['KMIA', true, 'flight to KMIA'],
    ['nowhere', true, 'NO_AIRPORT'],
    ['KMIA', false, 'string'],
  ])('to %s (waited for: %s) gives %s', async (to, wait, expected) => {
    const workflow = desk(to, wait)
    const harness = await setUp([workflow, search])
    const { runId, outcome: first } = await runOnce(harness, workflow)
    expect(first).toBe(wait ? 'waiting' : expected)
    await harness.pass(DAY_MS)
    expect(await outcome(harness, runId)).toBe(expected)
    expect(await harness.workflows.list(harness.tenant, { workflow: 'search' })).toHaveLength(1)
  })

  it('reports when it is over, and is gathered', async () => {
    const workflow = flow('scatter', async (run) => {
      for (const to of ['KMIA', 'nowhere', 'EGGW']) {
        await run.delegate(to, search, { to }, { wait: false, report: 'found' })
      }
      return run.gather('found', { signal: 'found', expected: ['KMIA', 'nowhere', 'EGGW'], deadlineMs: 2 * DAY_MS })
    })
    const harness = await setUp([workflow, search])
    const { runId } = await runOnce(harness, workflow)
    await harness.pass(DAY_MS)
    expect(await outcome(harness, runId)).toMatchObject({
      endedBy: 'all',
      arrived: [
        { source: 'KMIA', payload: { state: 'completed', output: 'flight to KMIA' } },
        { source: 'nowhere', payload: { state: 'failed', failure: { code: 'NO_AIRPORT' } } },
        { source: 'EGGW', payload: { state: 'completed' } },
      ],
    })
  })

  it('with an input that it does not take fails there', async () => {
    const workflow = flow('wrong', (run) => run.delegate('search', search, { to: 7 } as never))
    const harness = await setUp([workflow, search])
    expect((await runOnce(harness, workflow)).outcome).toBe('INVALID_INPUT')
  })
})

describe('a run', () => {
  const simple = defineWorkflow({
    name: 'simple',
    version: 1,
    input: z.object({ n: z.number() }),
    run: (run, { n }) => run.step('double', () => n * 2),
  })

  it('of one key is started once, for one input', async () => {
    const harness = await setUp([simple])
    const { workflows, tenant, jobs } = harness
    const first = await workflows.start(tenant, simple, { n: 1 }, { idempotencyKey: 'k' })
    const many = await Promise.all(
      Array.from({ length: 5 }, () => workflows.start(tenant, 'simple', { n: 1 }, { idempotencyKey: 'k' })),
    )
    expect(new Set(many.map(({ runId }) => runId))).toEqual(new Set([first.runId]))
    expect([first.repeated, many[0]?.repeated]).toEqual([false, true])
    await expect(workflows.start(tenant, simple, { n: 2 }, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    await jobs.work()
    expect(await workflows.list(tenant)).toHaveLength(1)
  })

  it('is refused with a wrong input, name or request, and when there are too many', async () => {
    const { workflows, tenant } = await setUp([simple], { maxOpenRuns: 1 })
    await expect(workflows.start(tenant, simple, { n: 'x' } as never)).rejects.toThrow(/simple: input\.n: /)
    await expect(workflows.start(tenant, 'other', {})).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
    const requestId = '00000000-0000-4000-8000-000000000000'
    await expect(workflows.start(tenant, simple, { n: 1 }, { requestId })).rejects.toMatchObject({
      code: 'REFERENCE_MISSING',
    })
    await workflows.start(tenant, simple, { n: 1 })
    await expect(workflows.start(tenant, 'simple', { n: 1, more: 'x'.repeat(300_000) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    await expect(workflows.start(tenant, simple, { n: 1 })).rejects.toMatchObject({ code: 'TOO_MANY_RUNS' })
  })

  it('of a request tells among the events of the request, and is in its log', async () => {
    const harness = await setUp([simple])
    const { store, workflows, tenant, jobs } = harness
    const { id } = await store.asWorker(tenant, (transaction) =>
      transaction
        .insertInto('requests')
        .values({ user_id: 'ada', text: 'x' })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )
    await workflows.start(tenant, simple, { n: 1 }, { requestId: id })
    await jobs.work()
    expect(await harness.events(`request:${id}`)).toEqual([
      'workflow-started',
      'step-started',
      'step-completed',
      'workflow-completed',
    ])
    const log = await store.asWorker(tenant, (transaction) =>
      transaction.selectFrom('activities').select(['agent', 'activity', 'request_id']).execute(),
    )
    expect(log.toSorted((a, b) => a.activity.localeCompare(b.activity))).toEqual([
      { agent: 'simple', activity: 'step-completed', request_id: id },
      { agent: 'simple', activity: 'workflow-completed', request_id: id },
      { agent: 'simple', activity: 'workflow-started', request_id: id },
    ])
  })

  it('is started in somebody’s transaction, or not at all', async () => {
    const { store, workflows, tenant, jobs } = await setUp([simple])
    const startIn = (fails: boolean): Promise<unknown> =>
      store.asWorker(tenant, async (transaction) => {
        const started = await workflows.start(tenant, simple, { n: 4 }, { transaction })
        if (fails) throw new Error('rolled back')
        return started
      })
    await expect(startIn(true)).rejects.toThrow('rolled back')
    expect(await workflows.list(tenant)).toEqual([])
    const { runId } = (await startIn(false)) as { runId: string }
    expect(jobs.waiting).toEqual([])
    await workflows.sweep()
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toBe(8)
  })

  it('fails at its deadline, while it waits and while it works', async () => {
    const sleeper = flow('sleeper', (run) => run.sleep('long', 9 * DAY_MS))
    const hanging = flow('hanging', (run) => run.step('hang', () => new Promise(() => undefined)))
    const harness = await setUp([sleeper, hanging])
    const { workflows, tenant, jobs, pass, clock } = harness
    const { runId } = await workflows.start(tenant, sleeper, {}, { deadlineMs: DAY_MS })
    await jobs.work()
    await pass(DAY_MS)
    expect(await outcome(harness, runId)).toBe('DEADLINE_EXCEEDED')
    const busy = await workflows.start(tenant, hanging, {}, { deadlineMs: 5_000 })
    const work = jobs.work()
    await expect.poll(async () => (await workflows.get(tenant, busy.runId))?.steps.length).toBe(1)
    await clock.advance(5_000)
    await work
    expect(await outcome(harness, busy.runId)).toBe('DEADLINE_EXCEEDED')
  })

  it('whose wake-up was lost is found by the sweep', async () => {
    const harness = await setUp([simple])
    const { workflows, tenant, jobs } = harness
    const { runId } = await workflows.start(tenant, simple, { n: 2 })
    jobs.waiting.length = 0
    await jobs.work()
    expect(await outcome(harness, runId)).toBe('pending')
    expect(await workflows.sweep()).toBeGreaterThanOrEqual(1)
    await jobs.work()
    expect(await outcome(harness, runId)).toBe(4)
  })

  it('that ends is heard of by whoever waits for it, also from another process', async () => {
    const harness = await setUp([simple])
    const { runId } = await harness.workflows.start(harness.tenant, simple, { n: 5 })
    const other = await harness.again([simple])
    let seen: unknown
    const waiting = other.workflows.result(harness.tenant, runId).then((value) => (seen = value))
    // By then it looks every two seconds only.
    for (let count = 0; count < 8; count += 1) {
      await harness.clock.advance(400)
      await other.workflows.get(harness.tenant, runId)
    }
    expect(seen).toBeUndefined()
    await harness.jobs.work()
    for (let count = 0; count < 10 && seen === undefined; count += 1) {
      await harness.clock.advance(25)
      await other.workflows.get(harness.tenant, runId)
    }
    expect(seen).toBe(10)
    await waiting
    await other.workflows.close()
  })

  it('is waited for no longer than its caller wants', async () => {
    const harness = await setUp([simple])
    const { runId } = await harness.workflows.start(harness.tenant, simple, { n: 5 })
    const caller = new AbortController()
    const waiting = harness.workflows.result(harness.tenant, runId, { signal: caller.signal })
    const reason = new Error('hung up')
    caller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(
      harness.workflows.result(harness.tenant, '00000000-0000-4000-8000-000000000000'),
    ).rejects.toMatchObject({
      code: 'WORKFLOW_RUN_UNKNOWN',
    })
  })

  it('with more steps than it may have fails', async () => {
    const endless = flow('endless', async (run) => {
      for (let number = 0; ; number += 1) await run.step(`step ${number}`, () => number)
    })
    const harness = await setUp([endless], { maxSteps: 5 })
    expect((await runOnce(harness, endless)).outcome).toBe('TOO_MANY_STEPS')
  })

  it('that has been over for long is taken away, with all that was of it', async () => {
    const harness = await setUp([simple], { keepMs: DAY_MS })
    const started = await harness.workflows.start(harness.tenant, simple, { n: 3 })
    await harness.jobs.work()
    harness.clock.setWallTime(harness.clock.wallTime() + DAY_MS + 1)
    await harness.workflows.sweep()
    expect(await harness.workflows.get(harness.tenant, started.runId)).toBeUndefined()
    const steps = await harness.store.asWorker(harness.tenant, (transaction) =>
      transaction.selectFrom('workflow_steps').select('name').execute(),
    )
    expect(steps).toEqual([])
  })
})

describe('a worker', () => {
  it('that has lost its run writes nothing more, and the other goes on', async () => {
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const done: string[] = []
    let isFirst = true
    const workflow = flow('contested', async (run) => {
      const first = await run.step('first', async ({ fence }) => {
        done.push(`first at fence ${fence}`)
        if (isFirst) {
          isFirst = false
          begun.resolve()
          await gate.promise
          return 'slow'
        }
        return 'quick'
      })
      await run.transaction('second', async (transaction) => {
        await transaction.insertInto('leads').values({ source: first }).execute()
      })
      return first
    })
    const slow = await setUp([workflow])
    const { runId } = await slow.workflows.start(slow.tenant, workflow, {})
    const slowWork = slow.jobs.work()
    await begun.promise
    // While it is held, another does nothing.
    const quick = await slow.again([workflow])
    await quick.workflows.signal(slow.tenant, runId, 'look')
    await quick.jobs.work()
    expect(done).toEqual(['first at fence 1'])
    quick.clock.setWallTime(quick.clock.wallTime() + 30_000)
    await quick.workflows.sweep()
    await quick.jobs.work()
    expect(await outcome(quick, runId)).toBe('quick')
    gate.resolve()
    await slowWork
    expect(done).toEqual(['first at fence 1', 'first at fence 2'])
    expect(slow.jobs.failures).toEqual([])
    const leads = await slow.store.asWorker(slow.tenant, (transaction) =>
      transaction.selectFrom('leads').select('source').execute(),
    )
    expect(leads).toEqual([{ source: 'quick' }])
  })

  it('that is lost again and again at the same run has it given up, until somebody brings it back', async () => {
    let isMended = false
    const workflow = flow('poison', (run) =>
      run.step('crash', () => (isMended ? 'well' : new Promise(() => undefined))),
    )
    const harness = await setUp([workflow], { maxLostLeases: 3 })
    const { workflows, tenant, store } = harness
    const { runId } = await workflows.start(tenant, workflow, {})
    // As a process that dies leaves it: held, and nobody there.
    const die = (): Promise<unknown> =>
      store.asWorker(tenant, (transaction) =>
        sql`update workflow_runs set state = 'running', fence = fence + 1, wake_at = ${new Date(harness.clock.wallTime())},
          lost_leases = lost_leases + case when state = 'running' then 1 else 0 end`.execute(transaction),
      )
    for (let count = 0; count < 3; count += 1) await die()
    await workflows.sweep()
    await harness.jobs.work()
    expect(await outcome(harness, runId)).toBe('WORKFLOW_POISONED')
    expect(await workflows.list(tenant, { state: 'failed' })).toHaveLength(1)
    isMended = true
    await workflows.redrive(tenant, runId)
    await harness.jobs.work()
    expect(await outcome(harness, runId)).toBe('well')
  })

  it('that was lost in the midst of what must not be done twice leaves it undone, and says so', async () => {
    let tries = 0
    const workflow = flow('once', (run) =>
      run.step('wire', () => (tries += 1), { repeatable: false }).catch((error: HoldfastError) => error.code),
    )
    const harness = await setUp([workflow])
    const { workflows, tenant, store } = harness
    const { runId } = await workflows.start(tenant, workflow, {})
    await store.asWorker(tenant, async (transaction) => {
      await sql`insert into workflow_steps (run_id, name, scope, position, kind, state, attempts) values (${runId}, 'wire', '', 0, 'step', 'running', 1)`.execute(
        transaction,
      )
    })
    await harness.jobs.work()
    expect(await outcome(harness, runId)).toBe('STEP_OUTCOME_UNKNOWN')
    expect(tries).toBe(0)
  })

  it('whose write nobody knows of waits for a person, without a word while he has not settled it, and goes on at once when he has', async () => {
    const keys: string[] = []
    let isSettled = false
    const write = ({ idempotencyKey }: StepContext): string => {
      keys.push(idempotencyKey)
      if (isSettled) return 'deal-7'
      throw unconfirmedError()
    }
    const workflow = flow('written', (run) =>
      run.step('write', write, { retries: 0, awaitsSettlement: true }).then((id) => ({ id })),
    )
    const harness = await setUp([workflow])
    const { workflows, tenant, store } = harness
    const { runId, outcome: first } = await runOnce(harness, workflow)
    expect(first).toBe('waiting')
    const { steps } = (await workflows.get(tenant, runId))!
    expect(steps).toMatchObject([{ state: 'waiting', failure: { code: 'WRITE_UNCONFIRMED' } }])
    await harness.pass(299_999)
    expect(keys).toHaveLength(1)
    await harness.pass(1)
    expect(keys).toHaveLength(2)
    isSettled = true
    // Others' runs are left alone.
    expect(await workflows.settled('nobody')).toBe(0)
    expect(await workflows.settled(tenant)).toBe(1)
    await harness.pass(0)
    expect(await outcome(harness, runId)).toEqual({ id: 'deal-7' })
    expect([keys.length, new Set(keys).size, await workflows.settled(tenant)]).toEqual([3, 1, 0])
    const told = await store.asWorker(tenant, (transaction) =>
      transaction.selectFrom('outbox').select('event').where('topic', '=', `run:${runId}`).orderBy('seq').execute(),
    )
    expect(told.map(({ event }) => event)).toEqual([
      'workflow-started',
      'step-started',
      'step-waiting',
      'step-completed',
      'workflow-completed',
    ])
  })

  it('whose write nobody knows of fails where nobody is waited for', async () => {
    const workflow = flow('unsettled', (run) =>
      run.step('write', () => {
        throw unconfirmedError()
      }),
    )
    expect((await runOnce(await setUp([workflow]), workflow)).outcome).toBe('WRITE_UNCONFIRMED')
  })

  it('that stops finishes its step, begins no other, and another goes on', async () => {
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const done: string[] = []
    const workflow = flow('drained', async (run) => {
      await run.step('first', async () => {
        begun.resolve()
        await gate.promise
        done.push('first')
      })
      await run.step('second', () => done.push('second'))
      return done.length
    })
    const harness = await setUp([workflow])
    const { runId } = await harness.workflows.start(harness.tenant, workflow, {})
    const work = harness.jobs.work()
    await begun.promise
    await harness.workflows.close()
    gate.resolve()
    await work
    expect(done).toEqual(['first'])
    expect(await outcome(harness, runId)).toBe('waiting')
    const other = await harness.again([workflow])
    await other.workflows.sweep()
    await other.jobs.work()
    expect(await outcome(other, runId)).toBe(2)
    expect(done).toEqual(['first', 'second'])
  })
})

describe('options', () => {
  it.each([
    [{ leaseMs: 10 }, /leaseMs must be a whole number from 1,000 to 3,600,000, but is 10/],
    [{ queue: 'A B' }, /queue must be/],
    [{ keepMs: 0 }, /keepMs/],
  ])('%j are refused', async (options, message) => {
    await expect(setUp([], options)).rejects.toThrow(message)
  })

  it('two workflows of one name and version are refused', async () => {
    const workflow = flow('same', () => Promise.resolve(1))
    await expect(setUp([workflow, workflow])).rejects.toThrow(
      /workflows must be a list with each version of a name once/,
    )
    expect(() => flow('Bad Name', () => Promise.resolve(1))).toThrow(/name must be/)
    expect(() => flow('name', () => Promise.resolve(1), 0)).toThrow(/version must be/)
  })
})

function clientError(): HoldfastError {
  return new HoldfastError({
    code: 'NO_AIRPORT',
    category: 'client',
    message: 'There is no such airport',
    retryable: false,
  })
}

function refusedError(): HoldfastError {
  return new HoldfastError({
    code: 'CONNECTION_REFUSED',
    category: 'network',
    message: 'Refused',
    retryable: true,
    mayHaveTakenEffect: false,
  })
}

function unconfirmedError(): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: 'Nobody knows',
    retryable: false,
    mayHaveTakenEffect: true,
  })
}
