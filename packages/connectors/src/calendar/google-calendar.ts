import { createHash, randomUUID } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import type { Credentials } from '../api/credentials.ts'
import type { ApiCallOptions } from '../api/options.ts'
import { explainFor } from '../google-auth/api-failures.ts'
import { createHttpClient } from '../http/index.ts'
import { invalidOption } from '../http/options.ts'
import { MARK, readBusy, readEvent, readEvents, readNothing } from './google-wire.ts'
import type { MarkedEvent } from './google-wire.ts'
import { checkEventCancellation, checkEventId, checkEventQuery, checkNewEvent, checkSpan } from './input.ts'
import { freeBetween } from './spans.ts'
import type { CalendarEvent, GoogleCalendar } from './types.ts'

/** Which calendar, and how to reach it. */
export interface GoogleCalendarOptions {
  /** An address, such as `desk@example.com`; `primary` is that of the account itself, or of its `subject`. */
  readonly calendarId: string
  /** From `createGoogleAuth`, with `GOOGLE_CALENDAR_SCOPES`; the calendar must be shared with the account's address. */
  readonly auth: Credentials
  /** Every call runs through it. */
  readonly integration: Integration
  /** Default: `https://www.googleapis.com/calendar/v3`. */
  readonly baseUrl?: string | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Defaults of {@link GoogleCalendarOptions}. */
export const GOOGLE_CALENDAR_DEFAULTS: { readonly baseUrl: string } = Object.freeze({
  baseUrl: 'https://www.googleapis.com/calendar/v3',
})

/** What a token must be good for to read and write events, and to ask what is taken. */
export const GOOGLE_CALENDAR_SCOPES: readonly string[] = Object.freeze([
  'https://www.googleapis.com/auth/calendar.events',
  'https://www.googleapis.com/auth/calendar.freebusy',
])

const SERVICE = 'Google Calendar'
const PAGE_SIZE = 250

/** Makes a client of one calendar. @throws HoldfastError `INVALID_OPTION` */
export function createGoogleCalendar(options: GoogleCalendarOptions): GoogleCalendar {
  const { calendarId } = options
  if (!/^[\w.%+@#-]{1,300}$/.test(calendarId)) {
    throw invalidOption('calendarId', 'must be primary, or the address of a calendar')
  }
  const http = createHttpClient({
    baseUrl: options.baseUrl ?? GOOGLE_CALENDAR_DEFAULTS.baseUrl,
    service: SERVICE,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const api = createApiCaller({
    service: SERVICE,
    http,
    integration: options.integration,
    explain: explainFor(SERVICE),
    credentials: options.auth,
  })
  const events = `/calendars/${encodeURIComponent(calendarId)}/events`
  const read = (id: string, call: ApiCallOptions): Promise<MarkedEvent> =>
    api.call({ path: `${events}/${id}`, read: readEvent, effect: 'read' }, call)

  const client: GoogleCalendar = {
    async freeBusy(span, call = {}) {
      const { from, to } = checkSpan(span)
      const json = { timeMin: from, timeMax: to, items: [{ id: calendarId }] }
      const busy = await api.call(
        { method: 'POST', path: '/freeBusy', json, read: (reply) => readBusy(reply, calendarId), effect: 'read' },
        call,
      )
      return freeBetween(from, to, busy)
    },

    async *events(query, call = {}): AsyncGenerator<CalendarEvent, undefined, void> {
      const { from, to, text, maxItems } = checkEventQuery(query)
      let left = maxItems
      let pageToken: string | undefined
      do {
        const page = await api.call(
          {
            path: events,
            query: {
              timeMin: from,
              timeMax: to,
              q: text,
              singleEvents: true,
              orderBy: 'startTime',
              maxResults: Math.min(PAGE_SIZE, left),
              pageToken,
            },
            read: readEvents,
            effect: 'read',
          },
          call,
        )
        yield* page.items.slice(0, left)
        left -= page.items.length
        // A page may be empty and not the last; the same token again would never end.
        pageToken = page.next === pageToken ? undefined : page.next
      } while (pageToken !== undefined && left > 0)
    },

    async get(id, call = {}) {
      try {
        return (await read(checkEventId('get', id), call)).event
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    },

    async create(input, call = {}) {
      const { title, start, end, description, location, attendees, notify } = checkNewEvent(input)
      const content = {
        summary: title,
        start: { dateTime: start },
        end: { dateTime: end },
        ...(description === undefined ? {} : { description }),
        ...(location === undefined ? {} : { location }),
        ...(attendees.length === 0 ? {} : { attendees: attendees.map((email) => ({ email })) }),
      }
      const id = eventId(calendarId, call.idempotencyKey ?? randomUUID())
      const mark = digest(JSON.stringify(content))
      const json = { ...content, id, extendedProperties: { private: { [MARK]: mark } } }
      const query = { sendUpdates: notify ? 'all' : 'none' }
      try {
        const made = { method: 'POST', path: events, query, json, read: readEvent, effect: 'repeatable-write' } as const
        return (await api.call(made, call)).event
      } catch (error) {
        if (statusOf(error) !== 409) throw error
        // It is there: by an attempt whose reply was lost, or by an earlier call with this key.
        return sameEvent(await read(id, call).catch(notReadBack), mark)
      }
    },

    async cancel(input, call = {}) {
      const { id, notify } = checkEventCancellation(input)
      const query = { sendUpdates: notify ? 'all' : 'none' }
      const path = `${events}/${id}`
      const gone = { method: 'DELETE', path, query, mayBeEmpty: true, read: readNothing } as const
      try {
        await api.call({ ...gone, effect: 'repeatable-write' }, call)
      } catch (error) {
        if (statusOf(error) === 410) return
        throw statusOf(error) === 404 ? notFound() : error
      }
    },

    async health(call = {}) {
      const query = { maxResults: 1 }
      await api.call({ path: events, query, read: readEvents, effect: 'read' }, call)
    },

    close: () => http.close(),
  }
  return client
}

/** The event of a key: what it was, and not what it has become since. */
function sameEvent({ event, mark }: MarkedEvent, expected: string): CalendarEvent {
  if (event.status === 'cancelled') {
    throw refusal('EVENT_CANCELLED', 'client', 'The event of this idempotency key has been cancelled since')
  }
  if (mark !== expected) {
    throw refusal(
      'IDEMPOTENCY_KEY_REUSED',
      'validation',
      'This idempotency key was used before for another event of Google Calendar',
    )
  }
  return event
}

/** The event is there, so that nobody may make another in its place. A caller's own abort stays what it is. */
function notReadBack(error: unknown): never {
  if (!HoldfastError.isInstance(error)) throw error
  throw new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: 'The event is in Google Calendar, but could not be read back; the same idempotency key may be used again',
    retryable: false,
    mayHaveTakenEffect: true,
    cause: error,
  })
}

function notFound(): HoldfastError {
  return refusal('EVENT_NOT_FOUND', 'client', 'Google Calendar has no such event')
}

function refusal(code: string, category: 'client' | 'validation', message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false, mayHaveTakenEffect: false })
}

/** Of the characters that Google allows (`a` to `v`, digits), hexadecimal digits are a part. */
function eventId(calendarId: string, key: string): string {
  return digest(`${calendarId}\n${key}`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function statusOf(error: unknown): number | undefined {
  return HoldfastError.isInstance(error) ? error.status : undefined
}
