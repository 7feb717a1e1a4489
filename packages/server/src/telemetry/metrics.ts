import type { AiEvent } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import type { StoreEvent } from '../emergency/emergency-desk.ts'
import type { SyncEvent } from '../sync/events.ts'
import type { SyncStanding } from '../sync/server-sync.ts'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

/** The numbers that `GET /metrics` shows. */
export interface Metrics {
  /** Counts what an event tells. */
  observe(event: AiEvent | StoreEvent | SyncEvent): void
  /** Counts one HTTP request. `route` is the pattern, never the path that came. */
  observeRequest(method: string, route: string, status: number, durationMs: number): void
  /** In Prometheus's text format. */
  collect(): Promise<string>
  close(): Promise<void>
}

/** What {@link createMetrics} looks at when it is asked. */
export interface MetricsOptions {
  readonly integrations: readonly Integration[]
  /** Answers under way. */
  readonly underWay: () => number
  /** Tickets that were not delivered yet. */
  readonly undelivered?: (() => number) | undefined
  /** Writes to other systems that wait for a person; `undefined` while nobody knows. */
  readonly unconfirmedWrites?: (() => number | undefined) | undefined
  /** How the sources of sync stand; `undefined` while nobody knows. */
  readonly sync?: (() => SyncStanding | undefined) | undefined
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 15, 30]
/** The first pull of a large account takes hours. */
const PULL_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400]
const CIRCUIT_STATES = ['closed', 'ramping', 'half-open', 'open', 'isolated'] as const

/** OpenTelemetry instruments, read out in Prometheus's format. No label holds anything that a client can choose. */
export function createMetrics(options: MetricsOptions): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({ readers: [exporter] })
  const serializer = new PrometheusSerializer('', false, undefined, true, true)
  const meter = provider.getMeter('holdfast')
  const counter = (name: string, description: string) => meter.createCounter(name, { description })
  const seconds = (name: string, description: string, boundaries: number[] = SECONDS) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: boundaries } })

  const calls = counter('holdfast_calls', 'Calls of integrations, by how they ended.')
  const rejected = counter('holdfast_calls_rejected', 'Calls that a policy refused before they reached the dependency.')
  const attempts = counter('holdfast_attempts', 'Attempts at dependencies, by how the breaker counts them.')
  const attemptSeconds = seconds('holdfast_attempt_duration_seconds', 'How long attempts took.')
  const retries = counter('holdfast_retries', 'Retries that were scheduled.')
  const circuitChanges = counter('holdfast_circuit_changes', 'Changes of circuits, by the new state.')
  const answers = counter('holdfast_answers', 'Answers, by the tier that gave them.')
  const unanswered = counter('holdfast_answers_failed', 'Questions that no tier answered, or whose answer broke off.')
  const abandoned = counter('holdfast_answers_abandoned', 'Answers whose reader left before they were whole.')
  const answerSeconds = seconds('holdfast_answer_duration_seconds', 'From the question to the end of the answer.')
  const firstSeconds = seconds(
    'holdfast_answer_first_output_seconds',
    'From the question to the first words of the answer.',
  )
  const tierFailures = counter('holdfast_tier_failures', 'Tiers that were tried and failed, or were passed over.')
  const hedges = counter('holdfast_tier_hedges', 'Tiers that were slow, so that the next was started beside them.')
  const guardrailDecisions = counter(
    'holdfast_guardrail_decisions',
    'What guardrails blocked or changed, by rule and what was done.',
  )
  const budgetsReached = counter(
    'holdfast_budget_limits_reached',
    'Accounts that reached a soft limit, or refused a request for want of room: counted once in a period each.',
  )
  const emergencies = counter('holdfast_emergencies', 'Emergencies that were answered, by whether the ticket was kept.')
  const deliveries = counter('holdfast_deliveries', 'Tickets that were sent to the people on call, by how that ended.')
  const pulls = counter('holdfast_sync_pulls', 'Pulls of sources by this process, by how they ended.')
  const pulledRecords = counter('holdfast_sync_records', 'Records that pulls of this process read.')
  const pullSeconds = seconds('holdfast_sync_pull_duration_seconds', 'How long pulls took.', PULL_SECONDS)
  const requestSeconds = seconds('http_server_request_duration_seconds', 'How long HTTP requests took.')

  meter
    .createObservableGauge('holdfast_circuit_state', {
      description: '1 for the state a circuit is in, 0 for the others.',
    })
    .addCallback((result) => {
      for (const integration of options.integrations) {
        const { state } = integration.circuit
        for (const each of CIRCUIT_STATES) {
          result.observe(each === state ? 1 : 0, { integration: integration.name, state: each })
        }
      }
    })
  meter
    .createObservableGauge('holdfast_admitted_share', { description: 'Share of the calls let through, 0 to 1.' })
    .addCallback((result) => {
      for (const integration of options.integrations) {
        result.observe(integration.snapshot().admittedShare, { integration: integration.name })
      }
    })
  meter
    .createObservableGauge('holdfast_answers_under_way', { description: 'Answers that are being given now.' })
    .addCallback((result) => result.observe(options.underWay()))
  meter
    .createObservableGauge('holdfast_undelivered', { description: 'Tickets that wait to be delivered.' })
    .addCallback((result) => result.observe(options.undelivered?.() ?? 0))
  meter
    .createObservableGauge('holdfast_unconfirmed_writes', {
      description: 'Writes to other systems of which nobody knows whether they were made, and that wait for a person.',
    })
    .addCallback((result) => {
      const many = options.unconfirmedWrites?.()
      if (many !== undefined) result.observe(many)
    })
  meter
    .createObservableGauge('holdfast_sync_last_success_timestamp_seconds', {
      description: 'When a source was last read to its end, for the tenant for whom that is longest ago; 0 for never.',
    })
    .addCallback((result) => {
      for (const [source, at] of Object.entries(options.sync?.()?.succeededAt ?? {}))
        result.observe(at / 1_000, { source })
    })
  meter
    .createObservableGauge('holdfast_sync_conflicts', { description: 'Conflicts that wait for a person.' })
    .addCallback((result) => {
      for (const [kind, many] of Object.entries(options.sync?.()?.conflicts ?? {})) result.observe(many, { kind })
    })
  meter
    .createObservableGauge('process_resident_memory_bytes', {
      description: 'Resident memory of the server.',
      unit: 'By',
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()))

  return {
    observe(event) {
      switch (event.type) {
        case 'call-succeeded':
          return calls.add(1, { integration: event.integration, outcome: 'succeeded' })
        case 'call-failed':
          return calls.add(1, { integration: event.integration, outcome: 'failed', category: event.category })
        case 'call-rejected':
          return rejected.add(1, { integration: event.integration, code: event.code })
        case 'attempt-succeeded':
        case 'attempt-failed': {
          const labels = { integration: event.integration, outcome: event.outcome }
          attempts.add(1, event.type === 'attempt-failed' ? { ...labels, category: event.category } : labels)
          return attemptSeconds.record(event.durationMs / 1_000, labels)
        }
        case 'retry-scheduled':
          return retries.add(1, { integration: event.integration })
        case 'circuit-opened':
        case 'circuit-half-opened':
        case 'circuit-ramping':
        case 'circuit-closed':
        case 'circuit-isolated':
          return circuitChanges.add(1, { integration: event.integration, to: event.to, reason: event.reason })
        case 'tier-failed':
        case 'tier-skipped':
          return tierFailures.add(1, {
            assistant: event.assistant,
            tier: event.tier,
            outcome: event.type === 'tier-failed' ? 'failed' : 'skipped',
            category: event.category,
          })
        case 'tier-hedged':
          return hedges.add(1, { assistant: event.assistant, tier: event.tier })
        case 'answer-served': {
          const { tier, durationMs, firstOutputMs } = event.provenance
          const labels = { assistant: event.assistant, tier }
          answers.add(1, labels)
          answerSeconds.record(durationMs / 1_000, labels)
          return firstOutputMs === undefined ? undefined : firstSeconds.record(firstOutputMs / 1_000, labels)
        }
        case 'answer-failed':
          return unanswered.add(1, { assistant: event.assistant, category: event.category })
        case 'answer-abandoned':
          return abandoned.add(1, { assistant: event.assistant })
        case 'budget-soft-reached':
        case 'budget-exceeded':
          return budgetsReached.add(1, {
            budget: event.budget,
            limit: event.type === 'budget-exceeded' ? 'hard' : 'soft',
            unit: event.unit,
          })
        case 'emergency-answered':
          return emergencies.add(1, { assistant: event.assistant, confirmed: String(event.confirmed) })
        case 'delivery-succeeded':
        case 'delivery-failed':
        case 'delivery-given-up':
          return deliveries.add(1, { delivery: event.delivery, outcome: event.type.slice('delivery-'.length) })
        case 'sync-pulled':
        case 'sync-pull-failed': {
          const { source, records, durationMs } = event
          const labels = { source, outcome: event.type === 'sync-pulled' ? 'succeeded' : 'failed' }
          pulls.add(1, labels)
          pulledRecords.add(records, { source })
          return pullSeconds.record(durationMs / 1_000, labels)
        }
        case 'guardrail-decided':
          return guardrailDecisions.add(event.count, {
            guardrail: event.guardrail,
            direction: event.direction,
            rule: event.rule,
            action: event.action,
          })
        default:
      }
    },
    observeRequest(method, route, status, durationMs) {
      requestSeconds.record(durationMs / 1_000, { method, route, status: String(status) })
    },
    async collect() {
      return serializer.serialize((await exporter.collect()).resourceMetrics)
    },
    async close() {
      await provider.shutdown()
    },
  }
}
