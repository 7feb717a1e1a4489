import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { HoldfastError, systemClock, toHoldfastError } from '@holdfast/core'
import { createCache } from '@holdfast/core/cache'
import { requestContext } from '../provenance/request-context.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { textModel } from '../stream-parts/text-answer.ts'
import { lastUserText } from '../text/last-user-text.ts'
import { checkedEmergency } from './emergency-options.ts'
import type { EmergencyTierOptions } from './emergency-options.ts'
import type { EmergencyEvent } from './events.ts'
import type { Assessment } from './options.ts'
import { EMERGENCY_TEXTS } from './texts.ts'
import type { EmergencyFacts } from './texts.ts'
import { LONGEST_MESSAGE, ticketId } from './ticket.ts'
import type { EmergencyTicket } from './ticket.ts'

const report: TierReport = { servedBy: 'emergency', rememberable: false }

/** A ticket that is being kept, or is. */
interface OpenTicket {
  readonly ticket: EmergencyTicket
  /** Whether keeping it went wrong: then the request that comes again tries again. */
  readonly failed: boolean
  /** Whether it is certainly kept, in time for the answer. Never rejects. */
  readonly confirmed: Promise<boolean>
}

type Details = EmergencyEvent extends infer One
  ? One extends EmergencyEvent
    ? Omit<One, 'at' | 'assistant' | 'requestId' | 'tenant' | 'ticketId'>
    : never
  : never

/**
 * The tier that stands before all others and answers emergencies only: it shows the phone number and the id of a ticket, which
 * is kept before the answer leaves. When that cannot be confirmed within `openTimeoutMs`, the answer leaves all the same and
 * says so. It asks no model and no network.
 *
 * `doGenerate` and `doStream` reject with `NOT_AN_EMERGENCY` (category `rejected`, so the tier counts as skipped) when what
 * the user said last is none, or when JSON is asked for: no person reads that.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong.
 */
export function emergencyTier(options: EmergencyTierOptions): LanguageModelV4 {
  const settings = checkedEmergency(options)
  const clock = options.clock ?? systemClock
  const newId = options.ticketId ?? ticketId
  const texts = { ...EMERGENCY_TEXTS, ...options.texts }
  const recent = createCache<OpenTicket>({
    name: 'tickets',
    freshMs: settings.sameTicketMs,
    maxEntries: settings.maxTickets,
    // They are small, and bounded by their number.
    sizeOf: () => 1,
    clock,
  })

  const emit = ({ requestId, tenant, id }: EmergencyTicket, details: Details): void => {
    const { events } = options
    if (events === undefined || !events.active) return
    const { assistant } = settings
    events.emit({ ...details, at: clock.wallTime(), assistant, requestId, tenant, ticketId: id })
  }

  const write = (language: string | undefined, facts: EmergencyFacts): string => {
    const chosen = language !== undefined && Object.hasOwn(texts, language) ? language : settings.language
    for (const text of [texts[chosen], EMERGENCY_TEXTS[chosen]]) {
      try {
        const written: unknown = text?.(facts)
        if (typeof written === 'string' && written.includes(facts.contact.phone)) return written
      } catch {
        // The next one.
      }
    }
    return EMERGENCY_TEXTS['en']!(facts)
  }

  const notify = (ticket: EmergencyTicket, confirmed: boolean): void => {
    const failed = (error: unknown): void =>
      emit(ticket, { type: 'emergency-notify-failed', code: toHoldfastError(error).code })
    // Not before the answer has left, even if it takes its time.
    clock.schedule(0, () => {
      try {
        Promise.resolve(options.notify?.(ticket, confirmed)).catch(failed)
      } catch (error) {
        failed(error)
      }
    })
  }

  const open = (ticket: EmergencyTicket, again: boolean): OpenTicket => {
    let known = ticket
    let failed = false
    let settle: (confirmed: boolean) => void
    const confirmed = new Promise<boolean>((resolve) => (settle = resolve))
    let waiting = true
    const end = (isConfirmed: boolean, code?: string): void => {
      if (!waiting) return
      waiting = false
      timer.cancel()
      if (code !== undefined) emit(known, { type: 'emergency-ticket-unconfirmed', code })
      settle(isConfirmed)
      if (options.notify !== undefined && !again) notify(known, isConfirmed)
    }
    const timer = clock.schedule(settings.openTimeoutMs, () => end(false, 'TICKET_TIMEOUT'))
    const kept = (id: string | void): void => {
      if (typeof id === 'string' && id !== '') known = { ...ticket, id }
      if (waiting) {
        end(true)
        return
      }
      // Whoever was told that it is uncertain may ask again, and is told that it is not.
      if (recent.peek(ticket.key) !== undefined)
        recent.set(ticket.key, { ticket: known, failed: false, confirmed: Promise.resolve(true) })
      emit(known, { type: 'emergency-ticket-confirmed-late' })
    }
    const broken = (error: unknown): void => {
      failed = true
      end(false, toHoldfastError(error).code)
    }
    try {
      Promise.resolve(options.openTicket(ticket)).then(kept, broken)
    } catch (error) {
      broken(error)
    }
    return {
      get ticket(): EmergencyTicket {
        return known
      },
      get failed(): boolean {
        return failed
      },
      confirmed,
    }
  }

  const ticketFor = (call: LanguageModelV4CallOptions, assessment: Assessment, message: string): OpenTicket => {
    const { requestId, tenant = 'default', sessionId } = requestContext(call)
    const known = requestId === undefined ? undefined : recent.peek(keyOf(tenant, requestId))?.value
    if (known !== undefined && !known.failed) return known
    const at = clock.wallTime()
    const id = newId(at, tenant, requestId === undefined ? undefined : keyOf(tenant, requestId))
    const ticket: EmergencyTicket =
      known?.ticket ??
      Object.freeze({
        id,
        key: keyOf(tenant, requestId ?? id),
        requestId: requestId ?? id,
        tenant,
        ...(sessionId === undefined ? {} : { sessionId }),
        at,
        assessment,
        message: message.slice(0, LONGEST_MESSAGE),
      })
    const opened = open(ticket, known !== undefined)
    if (requestId !== undefined) recent.set(ticket.key, opened)
    return opened
  }

  const answer = async (call: LanguageModelV4CallOptions): Promise<string> => {
    const started = clock.now()
    if (call.responseFormat?.type === 'json') throw notAnEmergency()
    const message = lastUserText(call)
    const assessment = options.triage.assess(message)
    if (!assessment.isEmergency) throw notAnEmergency()
    const opened = ticketFor(call, assessment, message)
    const confirmed = await unlessAborted(opened.confirmed, call.abortSignal)
    const { ticket } = opened
    const notified = options.notify !== undefined
    const text = write(assessment.language, { contact: settings.contact, ticketId: ticket.id, confirmed, notified })
    emit(ticket, {
      type: 'emergency-answered',
      score: assessment.score,
      reasons: assessment.reasons.map(({ id }) => id),
      confirmed,
      durationMs: clock.now() - started,
    })
    return text
  }

  return textModel('emergency', async (call) => ({ text: await answer(call), report }))
}

/** The customer who leaves is let go at once; the ticket is kept all the same. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    void promise.then((value) => {
      signal.removeEventListener('abort', onAbort)
      resolve(value)
    })
  })
}

/** JSON, because no choice of separator is safe from what a caller may send. */
function keyOf(tenant: string, requestId: string): string {
  return JSON.stringify([tenant, requestId])
}

function notAnEmergency(): HoldfastError {
  return new HoldfastError({
    code: 'NOT_AN_EMERGENCY',
    category: 'rejected',
    message: 'What was said is no emergency.',
    retryable: false,
    mayHaveTakenEffect: false,
    stack: false,
  })
}
