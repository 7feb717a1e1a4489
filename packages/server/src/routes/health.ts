import type { FastifyInstance } from 'fastify'
import type { ServiceAddress } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import type { WaitingRequests } from '../desks/desks.ts'
import type { EmergencyHealth } from '../emergency/emergency-desk.ts'
import type { ServiceName } from '../environment/services.ts'
import { serviceTitle } from '../environment/services.ts'
import type { AppContext } from '../http/context.ts'

/** What is known of one dependency. Times are wall time, ISO 8601. */
export interface DependencyHealth {
  readonly name: string
  /** For people. */
  readonly title: string
  readonly kind: string
  readonly status: string
  readonly circuit: string
  /** Since when it is not well. */
  readonly since?: string
  /** Circuit open, or the dependency limits our rate: until it may be called again. */
  readonly nextProbeInMs?: number
  /** Share of the calls let through, 0 to 1. */
  readonly admittedShare: number
  readonly lastError?: { readonly code: string; readonly at: string }
  readonly lastSuccessAt?: string
  /** Whether the sandbox stands in for it. */
  readonly sandbox: boolean
}

/** The body of `GET /health`. */
export interface HealthReport {
  /** `unavailable` while some assistant has nothing but remembered and offline answers left, unless it has prepared ones (`answersAlone`). */
  readonly status: 'healthy' | 'degraded' | 'unavailable' | 'stopping'
  readonly version: string
  readonly uptimeSeconds: number
  /** Which services the sandbox stands in for; `running` is false when it has died. */
  readonly sandbox?: { readonly services: readonly string[]; readonly running: boolean }
  readonly assistants: readonly { readonly name: string; readonly title: string; readonly status: string }[]
  readonly dependencies: readonly DependencyHealth[]
  /** Tickets of emergencies, where they are configured. They change no status: answers do not depend on their delivery. */
  readonly emergency?: EmergencyHealth
  /** Requests that wait for the store, once the desks are built. They change no status either. */
  readonly requests?: WaitingRequests
}

/** `GET /health`, `/health/live` and `/health/ready`. They ask no dependency: they tell what traffic has shown. */
export function healthRoutes(app: FastifyInstance, context: AppContext): void {
  app.get('/health', async (_request, reply) => {
    const report = healthReport(context)
    const well = report.status === 'healthy' || report.status === 'degraded'
    await reply
      .code(well ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report)
  })
  app.get('/health/live', async (_request, reply) => {
    await reply.header('cache-control', 'no-store').send({ status: 'live' })
  })
  app.get('/health/ready', async (_request, reply) => {
    const ready = !context.answers.stopping
    await reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'stopping' })
  })
}

/** The health of everything, from what the traffic has shown. */
export function healthReport(context: AppContext): HealthReport {
  const reports = context.integrations.map((integration) => dependencyHealth(integration, context))
  const byName = new Map(
    context.integrations.map((integration, index) => [integration.name, { integration, report: reports[index] }]),
  )
  const assistants = [...context.assistants.values()].map(({ definition }) => {
    const needed = [...definition.integrations, ...(definition.models ?? [])].flatMap((name) => byName.get(name) ?? [])
    const answers =
      definition.answersAlone === true ||
      needed.length === 0 ||
      needed.some(({ integration }) => integration.wouldAdmit())
    const allWell = needed.every(({ report }) => report?.status === 'healthy')
    return {
      name: definition.name,
      title: definition.title,
      status: !answers ? 'unavailable' : allWell ? 'healthy' : 'degraded',
    }
  })
  const sandboxed = reports.filter((report) => report.sandbox).map((report) => report.name)
  const worst = assistants.some(({ status }) => status === 'unavailable')
    ? 'unavailable'
    : reports.some(({ status }) => status !== 'healthy')
      ? 'degraded'
      : 'healthy'
  return {
    status: context.answers.stopping ? 'stopping' : worst,
    version: context.version,
    uptimeSeconds: Math.floor(process.uptime()),
    ...(context.sandbox === undefined ? {} : { sandbox: { services: sandboxed, running: context.sandbox.running } }),
    assistants,
    dependencies: reports,
    ...(context.emergency === undefined ? {} : { emergency: context.emergency() }),
    ...(context.desks?.open === undefined ? {} : { requests: context.desks.open.requests() }),
  }
}

function dependencyHealth(integration: Integration, context: AppContext): DependencyHealth {
  const snapshot = integration.snapshot()
  const { troubledSince, nextProbeInMs, lastError, lastSuccessAt } = snapshot
  const service = snapshot.name as ServiceName
  const at = context.services[service] as ServiceAddress | undefined
  return {
    name: snapshot.name,
    title: at === undefined ? snapshot.name : serviceTitle(service, at),
    kind: snapshot.kind,
    status: snapshot.status,
    circuit: snapshot.circuit,
    ...(troubledSince === undefined ? {} : { since: iso(troubledSince) }),
    ...(nextProbeInMs === undefined ? {} : { nextProbeInMs: Math.ceil(nextProbeInMs) }),
    admittedShare: snapshot.admittedShare,
    ...(lastError === undefined ? {} : { lastError: { code: lastError.code, at: iso(lastError.at) } }),
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt: iso(lastSuccessAt) }),
    sandbox: at?.sandbox ?? false,
  }
}

function iso(wallTime: number): string {
  return new Date(wallTime).toISOString()
}
