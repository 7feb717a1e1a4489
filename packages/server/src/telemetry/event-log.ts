import type { AiEvent } from '@holdfast/ai'
import type { ErrorCategory } from '@holdfast/core'
import { roundedAmount, whoIs } from '../budgets/account-report.ts'
import type { Log } from '../http/context.ts'

/** What does not pass by itself: somebody must see to a key, an account or an address. */
const NEEDS_SOMEBODY: ReadonlySet<ErrorCategory> = new Set(['auth', 'quota', 'configuration'])

/** Writes a line for each event that somebody may want to read: answers and circuits always, attempts when debugging. */
export function logEvent(log: Log, event: AiEvent): void {
  switch (event.type) {
    case 'circuit-opened':
    case 'circuit-isolated':
      return log.warn(
        {
          event: event.type,
          integration: event.integration,
          from: event.from,
          reason: event.reason,
          openMs: event.openMs,
        },
        'circuit opened',
      )
    case 'circuit-half-opened':
    case 'circuit-ramping':
    case 'circuit-closed':
      return log.info(
        { event: event.type, integration: event.integration, from: event.from, reason: event.reason },
        event.type === 'circuit-closed'
          ? 'circuit closed'
          : event.type === 'circuit-ramping'
            ? 'traffic grows back'
            : 'circuit tries again',
      )
    case 'answer-served': {
      const { tier, servedBy, degraded, stale, durationMs, attempts } = event.provenance
      return log.info(
        {
          event: event.type,
          requestId: event.requestId,
          assistant: event.assistant,
          tenant: event.tenant,
          tier,
          servedBy,
          ...(degraded ? { degraded } : {}),
          ...(stale ? { stale } : {}),
          attempts: attempts.length,
          durationMs,
        },
        'answered',
      )
    }
    case 'answer-failed':
      // A budget does what it is for; that it was reached is told once, by its own event.
      return log[event.code === 'BUDGET_EXCEEDED' ? 'info' : 'error'](
        {
          event: event.type,
          requestId: event.requestId,
          assistant: event.assistant,
          code: event.code,
          category: event.category,
          durationMs: event.durationMs,
        },
        'not answered',
      )
    case 'tier-failed':
    case 'tier-skipped':
      return log[event.type === 'tier-failed' && NEEDS_SOMEBODY.has(event.category) ? 'warn' : 'info'](
        {
          event: event.type,
          requestId: event.requestId,
          assistant: event.assistant,
          tier: event.tier,
          code: event.code,
          category: event.category,
          durationMs: event.durationMs,
        },
        event.type === 'tier-failed' ? 'tier failed' : 'tier passed over',
      )
    case 'tier-hedged':
      return log.info(
        {
          event: event.type,
          requestId: event.requestId,
          assistant: event.assistant,
          tier: event.tier,
          next: event.next,
          afterMs: event.afterMs,
        },
        'tier is slow, the next was started beside it',
      )
    case 'budget-soft-reached':
    case 'budget-exceeded':
      return log.warn(
        {
          event: event.type,
          budget: event.budget,
          who: whoIs(event.of),
          unit: event.unit,
          used: roundedAmount(event.used),
          limit: event.limit,
        },
        event.type === 'budget-exceeded'
          ? 'a budget has no more room; models that it pays for are not asked'
          : 'a budget has reached its soft limit',
      )
    case 'emergency-answered':
      return log.info(fieldsOf(event), 'an emergency was answered')
    case 'emergency-ticket-unconfirmed':
      return log.error(fieldsOf(event), 'the ticket of an emergency may not have been kept')
    case 'emergency-ticket-confirmed-late':
      return log.info(fieldsOf(event), 'the ticket of an emergency was kept, late')
    case 'emergency-notify-failed':
      return log.error(fieldsOf(event), 'the people on call could not be told directly')
    case 'guardrail-decided':
      return log[event.action === 'blocked' ? 'warn' : 'info'](fieldsOf(event), 'a guardrail decided')
    default:
      return log.debug({ ...event, event: event.type, type: undefined }, event.type)
  }
}

function fieldsOf({ type, at: _, ...fields }: AiEvent): Readonly<Record<string, unknown>> {
  return { event: type, ...fields }
}
