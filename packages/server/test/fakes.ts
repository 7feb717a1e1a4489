import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { AiEvent, Provenance } from '@holdfast/ai'
import { requestContext } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import { createEvents, createIntegration, systemClock } from '@holdfast/core'
import type { FastifyInstance } from 'fastify'
import { createAccess } from '../src/access/access.ts'
import { createAnswersUnderWay } from '../src/answer/under-way.ts'
import { SERVER_DEFAULTS } from '../src/config/options.ts'
import { readEnvironment } from '../src/environment/environment.ts'
import { createApp } from '../src/http/app.ts'
import type { AppContext, Log, RunningAssistant } from '../src/http/context.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'

/** For tests: what a fake model does with a call. */
export interface FakeBehaviour {
  /** The answer, in pieces. */
  readonly pieces?: readonly string[]
  /** Fails before the first piece. */
  readonly failure?: Error
  /** Fails after this many pieces. */
  readonly failsAfter?: number
  /** Never gets further than this many pieces. */
  readonly hangsAfter?: number
  readonly provenance?: Partial<Provenance>
  /** Says nothing of tokens, as a workflow does. */
  readonly countsNothing?: boolean
}

/** For tests: a model that does as told, and keeps what it was asked. */
export interface FakeModel extends LanguageModelV4 {
  readonly calls: LanguageModelV4CallOptions[]
}

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}

const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}

export function fakeModel(behaviour: FakeBehaviour | (() => FakeBehaviour) = {}): FakeModel {
  const calls: LanguageModelV4CallOptions[] = []
  const now = (): FakeBehaviour => (typeof behaviour === 'function' ? behaviour() : behaviour)
  return {
    specificationVersion: 'v4',
    provider: 'fake',
    modelId: 'desk',
    supportedUrls: {},
    calls,
    async doGenerate(call) {
      calls.push(call)
      const { failure, pieces = ['Hello'], hangsAfter } = now()
      if (failure !== undefined) throw failure
      if (hangsAfter !== undefined) await untilAborted(call.abortSignal)
      return {
        content: [{ type: 'text', text: pieces.join('') }],
        finishReason: { unified: 'stop', raw: undefined },
        usage: now().countsNothing === true ? noUsage : usage,
        warnings: [],
        providerMetadata: { holdfast: fakeProvenance(call, now().provenance) as never },
        response: { headers: fakeHeaders(now().provenance) },
      }
    },
    async doStream(call) {
      calls.push(call)
      const { failure, pieces = ['Hel', 'lo'], failsAfter, hangsAfter, provenance, countsNothing } = now()
      if (failure !== undefined) throw failure
      let sent = 0
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        async pull(controller) {
          if (sent === hangsAfter) await untilAborted(call.abortSignal)
          if (sent === failsAfter) throw new Error('secret detail of the failure')
          const piece = pieces[sent]
          sent += 1
          if (piece !== undefined) return controller.enqueue({ type: 'text-delta', id: '0', delta: piece })
          controller.enqueue({
            type: 'finish',
            usage: countsNothing === true ? noUsage : usage,
            finishReason: { unified: 'stop', raw: undefined },
            providerMetadata: { holdfast: fakeProvenance(call, provenance) as never },
          })
          controller.close()
        },
      })
      return { stream, response: { headers: fakeHeaders(provenance) } }
    },
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal?.reason as Error)
    if (signal?.aborted === true) fail()
    signal?.addEventListener('abort', fail)
  })
}

function fakeProvenance(call: LanguageModelV4CallOptions, more: Partial<Provenance> = {}): Provenance {
  const { requestId } = requestContext(call)
  return {
    requestId: requestId ?? '',
    assistant: 'desk',
    tier: 'n8n',
    servedBy: 'n8n',
    degraded: false,
    stale: false,
    hedged: false,
    durationMs: 12,
    attempts: [],
    ...more,
  }
}

function fakeHeaders({ tier = 'n8n', servedBy = 'n8n' }: Partial<Provenance> = {}): Record<string, string> {
  return { 'x-holdfast-tier': tier, 'x-holdfast-served-by': servedBy, 'x-holdfast-attempts': '1', 'x-upstream': 'no' }
}

/** For tests: a log that keeps its lines. */
export interface FakeLog extends Log {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[]
}

export function fakeLog(): FakeLog {
  const lines: FakeLog['lines'] = []
  const at =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void lines.push({ level, message, fields })
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

/** For tests: the app with one fake assistant named `desk` and one real integration named `n8n`. */
export interface FakeApp {
  readonly app: FastifyInstance
  readonly context: AppContext
  readonly log: FakeLog
  readonly integration: Integration
}

export interface FakeAppOptions {
  readonly model?: LanguageModelV4
  readonly keys?: Readonly<Record<string, string>>
  readonly options?: Partial<AppContext['options']>
  readonly context?: Partial<AppContext>
}

export const ADMIN_TOKEN = 'the-admin-token-of-the-test'

export async function fakeApp(options: FakeAppOptions = {}): Promise<FakeApp> {
  const events = createEvents<AiEvent>()
  const integration = createIntegration({ name: 'n8n', kind: 'webhook' })
  const log = fakeLog()
  const settings = { ...SERVER_DEFAULTS, ...options.options }
  const answers = createAnswersUnderWay(settings.maxConcurrentAnswers)
  const definition: RunningAssistant['definition'] = {
    name: 'desk',
    title: 'Desk',
    description: 'A desk for tests.',
    integrations: ['n8n'],
    examples: ['Hello?'],
    build: () => fakeModel(),
  }
  const loopback = options.context?.loopback ?? true
  const context: AppContext = {
    version: '1.2.3',
    assistants: new Map([['desk', { definition, model: options.model ?? fakeModel() }]]),
    integrations: [integration],
    services: readEnvironment({}).services,
    contact: { name: 'the desk', phone: '+1 555 0100' },
    access: createAccess({
      apiKeys: Object.entries(options.keys ?? {}).map(([key, tenant]) => ({ key, tenant, label: `${tenant}.1` })),
      keyRequired: !loopback,
      adminToken: ADMIN_TOKEN,
    }),
    answers,
    options: settings,
    events,
    metrics: createMetrics({
      integrations: [integration],
      underWay: () => answers.count,
      unconfirmedWrites: () => 3,
      sync: () => ({ succeededAt: { crm: 1_500 }, conflicts: { client: 2 } }),
    }),
    log,
    clock: systemClock,
    loopback,
    sandbox: undefined,
    ...options.context,
  }
  return { app: await createApp(context), context, log, integration }
}
