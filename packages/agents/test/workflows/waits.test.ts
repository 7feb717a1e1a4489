import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Decision, GatherOptions, GatherResult, Received } from '@holdfast/agents/workflows'
import { closeSharedStore, setUp, sharedStore } from './harness.ts'

const DAY_MS = 86_400_000
const ada = (tenant: string, ...roles: string[]): { tenant: string; user: string; roles: string[] } => ({
  tenant,
  user: 'ada',
  roles,
})

beforeAll(sharedStore, 60_000)
afterAll(closeSharedStore)

const reply = defineWorkflow({
  name: 'reply',
  version: 1,
  input: z.object({ timeoutMs: z.number().optional() }),
  run: (run, { timeoutMs }): Promise<Received<{ text: string }>> => run.waitFor('reply', { signal: 'mail', timeoutMs }),
})

describe('a wait for a signal', () => {
  it('is over when it comes, days later', async () => {
    const { workflows, jobs, tenant, pass, clock } = await setUp([reply])
    const { runId } = await workflows.start(tenant, reply, {})
    await jobs.work()
    await pass(9 * DAY_MS)
    expect(await workflows.get(tenant, runId)).toMatchObject({ state: 'waiting' })
    expect(await workflows.signal(ada(tenant), runId, 'mail', { text: 'Yes' }, { source: 'client' })).toEqual({
      status: 'received',
    })
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toEqual({
      status: 'received',
      payload: { text: 'Yes' },
      source: 'client',
      by: 'ada',
      at: clock.wallTime(),
    })
  })

  it('has what came before it was waited for, and nothing of another name', async () => {
    const { workflows, jobs, tenant } = await setUp([reply])
    const { runId } = await workflows.start(tenant, reply, {})
    await workflows.signal(tenant, runId, 'other', { text: 'No' })
    await workflows.signal(tenant, runId, 'mail', { text: 'Yes' })
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toMatchObject({ payload: { text: 'Yes' } })
  })

  it('takes one that is sent twice once, and refuses another under its key', async () => {
    const twice = defineWorkflow({
      name: 'twice',
      version: 1,
      input: z.object({}),
      async run(run) {
        const first = await run.waitFor<number>('first', { signal: 'n' })
        const second = await run.waitFor<number>('second', { signal: 'n', timeoutMs: DAY_MS })
        return [first, second].map((one) => (one.status === 'received' ? one.payload : one.status))
      },
    })
    const { workflows, jobs, tenant, pass } = await setUp([twice])
    const { runId } = await workflows.start(tenant, twice, {})
    const send = (payload: number, idempotencyKey: string): Promise<unknown> =>
      workflows.signal(tenant, runId, 'n', payload, { idempotencyKey })
    expect(await send(1, 'a')).toEqual({ status: 'received' })
    expect(await send(1, 'a')).toEqual({ status: 'repeated' })
    await expect(send(2, 'a')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    await jobs.work()
    await pass(DAY_MS)
    expect(await workflows.result(tenant, runId)).toEqual([1, 'timed-out'])
    expect(await send(3, 'b')).toEqual({ status: 'late' })
    expect(await send(1, 'a')).toEqual({ status: 'repeated' })
  })

  it('counts one that came in time, however late the worker is', async () => {
    const { workflows, jobs, tenant, clock } = await setUp([reply])
    const { runId } = await workflows.start(tenant, reply, { timeoutMs: 1_000 })
    await jobs.work()
    clock.setWallTime(clock.wallTime() + 999)
    await workflows.signal(tenant, runId, 'mail', { text: 'just' })
    clock.setWallTime(clock.wallTime() + DAY_MS)
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toMatchObject({ status: 'received', payload: { text: 'just' } })
  })

  it('of a run that there is not, or of another tenant, is refused', async () => {
    const { workflows, tenant } = await setUp([reply])
    const { runId } = await workflows.start(tenant, reply, {})
    const { tenant: other } = await setUp([reply])
    for (const [by, id] of [
      [tenant, '00000000-0000-4000-8000-000000000000'],
      [tenant, 'x'],
      [other, runId],
    ] as const) {
      await expect(workflows.signal(by, id, 'mail')).rejects.toMatchObject({ code: 'WORKFLOW_RUN_UNKNOWN' })
    }
    expect(await workflows.get(ada(other), runId)).toBeUndefined()
    expect(await workflows.list(ada(other))).toEqual([])
  })

  it('is refused when there were too many', async () => {
    const { workflows, tenant } = await setUp([reply], { maxSignals: 2 })
    const { runId } = await workflows.start(tenant, reply, {})
    await workflows.signal(tenant, runId, 'a')
    await workflows.signal(tenant, runId, 'a')
    await expect(workflows.signal(tenant, runId, 'a')).rejects.toMatchObject({ code: 'TOO_MANY_SIGNALS' })
  })
})

describe('a gathering', () => {
  const gathering = (options: Partial<GatherOptions>) =>
    defineWorkflow({
      name: 'gathering',
      version: 1,
      input: z.object({}),
      run: (run): Promise<GatherResult<number>> =>
        run.gather('quotes', { signal: 'quote', expected: ['a', 'b', 'c'], deadlineMs: DAY_MS, ...options }),
    })

  it('ends when all have answered, with the last answer of each', async () => {
    const workflow = gathering({})
    const { workflows, jobs, tenant } = await setUp([workflow])
    const { runId } = await workflows.start(tenant, workflow, {})
    for (const [source, payload] of [
      ['b', 1],
      ['x', 9],
      ['b', 2],
      ['a', 3],
    ] as const) {
      await workflows.signal(tenant, runId, 'quote', payload, { source })
      await jobs.work()
    }
    expect((await workflows.get(tenant, runId))?.steps[0]).toMatchObject({ state: 'waiting', spec: { missing: ['c'] } })
    await workflows.signal(tenant, runId, 'quote', 4, { source: 'c' })
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toMatchObject({
      arrived: [
        { source: 'a', payload: 3 },
        { source: 'b', payload: 2 },
        { source: 'c', payload: 4 },
      ],
      missing: [],
      unexpected: [{ source: 'x', payload: 9 }],
      isComplete: true,
      reachedQuorum: true,
      endedBy: 'all',
    })
  })

  it.each([
    [{ quorum: 2 }, 2, { endedBy: 'deadline', reachedQuorum: true, isComplete: false, missing: ['c'] }],
    [
      { quorum: 2, endAtQuorum: true },
      2,
      { endedBy: 'quorum', reachedQuorum: true, isComplete: false, missing: ['c'] },
    ],
    [{ quorum: 2 }, 1, { endedBy: 'deadline', reachedQuorum: false, isComplete: false, missing: ['b', 'c'] }],
  ])('with %j and %i answers says what is missing', async (options, answers, expected) => {
    const workflow = gathering(options)
    const { workflows, jobs, tenant, pass } = await setUp([workflow])
    const { runId } = await workflows.start(tenant, workflow, {})
    await jobs.work()
    for (const source of ['a', 'b'].slice(0, answers)) await workflows.signal(tenant, runId, 'quote', 1, { source })
    await jobs.work()
    if (expected.endedBy === 'deadline') {
      expect((await workflows.get(tenant, runId))?.state).toBe('waiting')
      await pass(DAY_MS)
    }
    expect(await workflows.result(tenant, runId)).toMatchObject(expected)
  })
})

describe('an approval', () => {
  const offer = defineWorkflow({
    name: 'offer',
    version: 1,
    input: z.object({ timeoutMs: z.number().optional() }),
    run: (run, { timeoutMs }): Promise<Decision> =>
      run.approval('send', { ask: { price: 9_000 }, roles: ['staff', 'chief'], timeoutMs }),
  })

  it('waits for days, shows what is asked, and keeps who has decided, when, and the note', async () => {
    const { workflows, jobs, tenant, pass, clock, store, events } = await setUp([offer])
    const { runId } = await workflows.start(ada(tenant), offer, {})
    await jobs.work()
    await pass(6 * DAY_MS)
    const [open] = await workflows.list(ada(tenant), { awaitsApproval: true })
    expect(open?.runId).toBe(runId)
    expect((await workflows.get(ada(tenant), runId))?.steps[0]).toMatchObject({
      kind: 'approval',
      state: 'waiting',
      spec: { ask: { price: 9_000 }, roles: ['staff', 'chief'] },
    })
    await workflows.approve(ada(tenant, 'staff'), runId, 'send', { note: 'Go' })
    const at = clock.wallTime()
    await expect(workflows.reject(ada(tenant, 'chief'), runId, 'send')).rejects.toMatchObject({
      code: 'APPROVAL_DECIDED',
    })
    await pass(DAY_MS)
    expect(await workflows.result(tenant, runId)).toEqual({ decision: 'approved', by: 'ada', note: 'Go', at })
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'send')).rejects.toMatchObject({
      code: 'APPROVAL_DECIDED',
    })
    expect(await workflows.list(ada(tenant), { awaitsApproval: true })).toEqual([])
    expect(await events(`run:${runId}`)).toEqual([
      'workflow-started',
      'approval-asked',
      'approval-decided',
      'workflow-completed',
    ])
    const audit = await store.asWorker(tenant, (transaction) => transaction.selectFrom('audit').selectAll().execute())
    expect(audit).toMatchObject([{ actor: 'ada', action: 'workflow.approved', target: `run:${runId}` }])
  })

  it('is no one’s without the role, before it is asked, or after its time', async () => {
    const { workflows, jobs, tenant, pass, clock } = await setUp([offer])
    const { runId } = await workflows.start(tenant, offer, { timeoutMs: DAY_MS })
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'send')).rejects.toMatchObject({
      code: 'APPROVAL_NOT_OPEN',
    })
    await jobs.work()
    await expect(workflows.approve(ada(tenant, 'guest'), runId, 'send')).rejects.toMatchObject({
      code: 'APPROVAL_NOT_ALLOWED',
      category: 'auth',
    })
    clock.setWallTime(clock.wallTime() + DAY_MS)
    const late = { code: 'APPROVAL_TOO_LATE', message: 'It is too late to decide "send"' }
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'send')).rejects.toMatchObject(late)
    await pass(0)
    expect(await workflows.result(tenant, runId)).toEqual({ decision: 'timed-out' })
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'send')).rejects.toMatchObject(late)
  })

  const overtakable = defineWorkflow({
    name: 'overtakable',
    version: 1,
    input: z.object({}),
    async run(run): Promise<readonly Decision[]> {
      const ask = (name: string): Promise<Decision> =>
        run.approval(name, { ask: 1, roles: ['staff'], overtakenBy: 'changed', timeoutMs: DAY_MS, late: 'Ask anew.' })
      await run.sleep('think', 1_000)
      return [await ask('first'), await ask('second')]
    },
  })
  const teller = defineWorkflow({
    name: 'teller',
    version: 1,
    input: z.object({ runId: z.string() }),
    run: (run, { runId }) => run.signal('tell', { runId, signal: 'changed' }),
  })

  it('is overtaken by a signal, also of another run and before it was asked, and says so to who decides then', async () => {
    const { workflows, jobs, tenant, pass } = await setUp([overtakable, teller])
    const { runId } = await workflows.start(tenant, overtakable, {})
    await jobs.work()
    const told = await workflows.start(tenant, teller, { runId })
    await jobs.work()
    expect(await workflows.result(tenant, told.runId)).toEqual({ status: 'received' })
    await pass(1_000)
    const steps = async () => (await workflows.get(tenant, runId))!.steps.map(({ name, state }) => `${name} ${state}`)
    expect(await steps()).toEqual(['think completed', 'first completed', 'second waiting'])
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'first')).rejects.toMatchObject({
      code: 'APPROVAL_TOO_LATE',
      message: 'What "first" asked has changed: look at the run again',
    })
    await pass(DAY_MS)
    expect(await workflows.result(tenant, runId)).toEqual([{ decision: 'overtaken' }, { decision: 'timed-out' }])
    await expect(workflows.approve(ada(tenant, 'staff'), runId, 'second')).rejects.toMatchObject({
      message: 'Ask anew.',
    })
    await workflows.start(tenant, teller, { runId })
    await jobs.work()
    const [last] = await workflows.list(tenant, { workflow: 'teller' })
    expect(await workflows.result(tenant, last!.runId)).toEqual({ status: 'late' })
  })

  it('that somebody has decided is not overtaken any more', async () => {
    const { workflows, jobs, tenant, pass } = await setUp([overtakable])
    const { runId } = await workflows.start(tenant, overtakable, {})
    await jobs.work()
    await pass(1_000)
    await workflows.approve(ada(tenant, 'staff'), runId, 'first')
    await workflows.signal(tenant, runId, 'changed')
    await pass(0)
    await pass(DAY_MS)
    expect(await workflows.result(tenant, runId)).toMatchObject([{ decision: 'approved' }, { decision: 'overtaken' }])
  })

  it('that is refused is heard of', async () => {
    const { workflows, jobs, tenant } = await setUp([offer])
    const { runId } = await workflows.start(tenant, offer, {})
    await jobs.work()
    await workflows.reject(ada(tenant, 'chief'), runId, 'send')
    await jobs.work()
    expect(await workflows.result(tenant, runId)).toMatchObject({ decision: 'rejected', by: 'ada' })
  })
})

describe('a run that is cancelled', () => {
  const kinds = {
    sleep: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) => run.sleep('wait', DAY_MS),
    signal: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) => run.waitFor('wait', { signal: 'x' }),
    gather: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) =>
      run.gather('wait', { signal: 'x', expected: ['a'], deadlineMs: DAY_MS }),
    approval: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) =>
      run.approval('wait', { ask: 1, roles: ['staff'] }),
    delegate: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) => run.delegate('wait', reply, {}),
    retry: (run: Parameters<Parameters<typeof defineWorkflow>[0]['run']>[0]) =>
      run.step('wait', () => Promise.reject(new Error('not yet')), {
        retries: 9,
        backoffMs: DAY_MS,
        maxBackoffMs: DAY_MS,
      }),
  }
  it.each(Object.entries(kinds))('during a wait of the kind %s ends there, and goes on no more', async (_, wait) => {
    let after = 0
    const workflow = defineWorkflow({
      name: 'long',
      version: 1,
      input: z.object({}),
      async run(run) {
        await wait(run)
        after += 1
      },
    })
    const { workflows, jobs, tenant, pass } = await setUp([workflow, reply])
    const { runId } = await workflows.start(tenant, workflow, {})
    await jobs.work()
    expect(await workflows.cancel(ada(tenant), runId, { reason: 'Changed their mind' })).toBe(true)
    expect(await workflows.cancel(tenant, runId)).toBe(false)
    await expect(workflows.result(tenant, runId)).rejects.toMatchObject({
      code: 'WORKFLOW_CANCELLED',
      message: 'Cancelled by ada: Changed their mind',
    })
    await pass(2 * DAY_MS)
    const [run] = [await workflows.get(tenant, runId)]
    expect(run).toMatchObject({ state: 'cancelled', steps: [{ name: 'wait', state: 'cancelled' }] })
    expect(after).toBe(0)
    expect(await workflows.signal(tenant, runId, 'x')).toEqual({ status: 'late' })
    const children = await workflows.list(tenant, { workflow: 'reply' })
    expect(children.map(({ state }) => state)).toEqual(wait === kinds.delegate ? ['cancelled'] : [])
  })

  it.each(['this process', 'another'])('from %s, in the midst of a step, hears of it', async (where) => {
    const begun = Promise.withResolvers<AbortSignal>()
    const workflow = defineWorkflow({
      name: 'busy',
      version: 1,
      input: z.object({}),
      run: (run) =>
        run.step('work', ({ signal }) => {
          begun.resolve(signal)
          return new Promise(() => undefined)
        }),
    })
    const harness = await setUp([workflow])
    const { workflows, jobs, tenant, clock } = harness
    const { runId } = await workflows.start(tenant, workflow, {})
    const work = jobs.work()
    const signal = await begun.promise
    const other = where === 'another' ? await harness.again([workflow]) : harness
    expect(await other.workflows.cancel(tenant, runId)).toBe(true)
    if (where === 'another') await clock.advance(500)
    await work
    expect(signal.reason).toMatchObject({ code: 'WORKFLOW_CANCELLED' })
    expect(await workflows.get(tenant, runId)).toMatchObject({ state: 'cancelled', steps: [{ state: 'cancelled' }] })
  })
})
