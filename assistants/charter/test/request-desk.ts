import { randomUUID } from 'node:crypto'
import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import { createOrchestrator } from '@holdfast/agents/orchestrator'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Workflows, WorkflowsOptions } from '@holdfast/agents/workflows'
import type { Desk, DeskRuntime } from '@holdfast/agents/desks'
import type { AiEvent } from '@holdfast/ai'
import { charterRequests } from '@holdfast/assistant-charter/requests'
import type { CharterRequestsOptions } from '@holdfast/assistant-charter/requests'
import type { Quote } from '@holdfast/connectors/avinode'
import { createEvents } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { json } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { outsideTools } from './desk-tools.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

export const TEXT = 'Four people, Teterboro to Miami on Friday'

export const quote = (id: string, amount: number, more: Partial<Quote> = {}): Quote => ({
  id: `aquote-${id}`,
  aircraft: { id: `acraft-${id}`, aircraftType: 'Phenom 300', maxPassengers: 7, yearOfMake: 2020 },
  operator: `Operator ${id}`,
  price: { amount, currency: 'USD' },
  ...more,
})

const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}

/** A model that gives the text it is told to for each question; without one it never answers. */
export function modelThat(answer: (question: string) => string | undefined | Promise<string>): LanguageModelV4 {
  return new MockLanguageModelV4({
    modelId: 'writer',
    doStream: async ({ prompt, abortSignal }) => {
      const text = await answer(JSON.stringify(prompt))
      if (text === undefined)
        return new Promise((_, reject) =>
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason as Error)),
        )
      const chunks: LanguageModelV4StreamPart[] = [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: text },
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: USAGE },
      ]
      return { stream: simulateReadableStream({ chunks, chunkDelayInMs: null, initialDelayInMs: null }) }
    },
  })
}

/** A desk with a store in memory, a queue and a time by hand, tools that a test has in its hand, and a model if it wants one. */
export async function setUp({
  store,
  model,
  sync,
  ...options
}: CharterRequestsOptions & {
  readonly store: Store
  readonly model?: LanguageModelV4
  readonly sync?: DeskRuntime['sync']
}) {
  const clock = fakeClock({ wallTime: Date.UTC(2026, 10, 25, 15) })
  const tenant = `t-${randomUUID()}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: 'T' }).execute(),
  )
  const rfqId = `arfq-${Math.floor(Math.random() * 1e12)}`
  const { outside: market, tools } = outsideTools(clock, rfqId)
  const { failing, letters } = market
  market.rows = [
    { row: 2, values: { Name: 'Ada Lovelace', 'E-mail': 'ada@example.com', Phone: '+1 555 0101', VIP: true } },
  ]
  const definition = charterRequests({
    quoteWaitMs: HOUR_MS,
    lookEveryMs: 10 * MINUTE_MS,
    models: model === undefined ? [] : ['writer'],
    ...options,
  })
  const desk: Desk = await definition.build({
    clock,
    store,
    tools,
    sync,
    contact: { name: 'The charter desk', email: 'desk@example.com' },
    events: createEvents<AiEvent>(),
    random: () => 1,
    model: (name) => ({ name, model: model! }),
    integration: () => {
      throw new Error('not needed')
    },
    service: () => {
      throw new Error('not needed')
    },
  })
  const waiting: { data: unknown; dueAt: number }[] = []
  let handler: ((job: unknown) => unknown) | undefined
  const port = {
    add: (queue: string, data: unknown, { delayMs = 0 } = {}) => {
      waiting.push({ data, dueAt: clock.wallTime() + delayMs })
      return Promise.resolve({ queue, id: randomUUID(), state: 'added' })
    },
    work: (_queue: string, work: (job: unknown) => unknown) => {
      handler = work
      return Promise.resolve({ running: 0, stop: () => Promise.resolve() })
    },
  } as unknown as WorkflowsOptions['jobs']
  const workflows: Workflows = createWorkflows({ store, jobs: port, workflows: desk.workflows, clock, random: () => 1 })
  await workflows.work()
  const pass = async (ms: number): Promise<void> => {
    clock.setWallTime(clock.wallTime() + ms)
    for (;;) {
      const at = waiting.findIndex(({ dueAt }) => dueAt <= clock.wallTime())
      if (at < 0) return
      const [job] = waiting.splice(at, 1)
      await handler?.({ ...job!, tenant, signal: new AbortController().signal })
    }
  }
  const start = async (
    text: string,
    email = 'ada@example.com',
    by: Pick<Workflows, 'start'> = workflows,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<{ requestId: string; runId: string }> => {
    const opened = desk.open({ text, client: { email }, details })
    if ('missing' in opened) throw new Error(`missing: ${opened.missing.join(', ')}`)
    const { id: requestId } = await store.asWorker(tenant, (transaction) =>
      transaction
        .insertInto('requests')
        .values({ user_id: 'ada', text, criteria: json(opened.criteria) })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )
    const { runId } = await by.start(tenant, opened.workflow, opened.input as never, { requestId })
    await pass(0)
    return { requestId, runId }
  }
  const status = (id: string): Promise<string> =>
    store.asWorker(tenant, async (transaction) => {
      const row = await transaction
        .selectFrom('requests')
        .select('status')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return row.status
    })
  const staff = { tenant, user: 'grace', roles: ['staff'] }
  const orchestrator = createOrchestrator({ workflows, specialists: {}, triggers: desk.triggers })
  let heard = 0
  /** Avinode tells that something has happened, and whatever that starts is done. */
  const hint = async (): Promise<void> => {
    const { signal } = new AbortController()
    await desk.hooks!['avinode']!({ tenant, body: { rfq: rfqId }, workflows, signal })
    const events = await store.asWorker(tenant, (transaction) =>
      transaction
        .selectFrom('outbox')
        .select(['seq', 'topic', 'event', 'payload'])
        .where('event', '=', 'quotes-came-late')
        .orderBy('seq')
        .execute(),
    )
    for (const { seq, topic, event, payload } of events.slice(heard)) {
      const requestId = topic.replace('request:', '')
      await orchestrator.handle(tenant, { id: String(seq), event, payload, requestId })
    }
    heard = events.length
    await pass(0)
  }
  /** The approvals of a run so far, the latest last. */
  const asked = async (runId: string) =>
    ((await workflows.get(staff, runId))?.steps ?? []).filter(({ kind }) => kind === 'approval')
  return {
    asked,
    clock,
    desk,
    failing,
    hint,
    letters,
    market,
    pass,
    rfqId,
    staff,
    start,
    status,
    store,
    tenant,
    workflows,
  }
}
