import { HoldfastError } from '@holdfast/core'
import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import type { CalendarEvent, TimeSpan } from './types.ts'

const SERVICE = 'Google Calendar'

const edge = z.looseObject({ dateTime: z.string().optional(), date: z.string().optional() })
const event = z.looseObject({
  id: z.string().min(1),
  status: z.string().default('confirmed'),
  summary: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  htmlLink: z.string().optional(),
  // One that is cancelled may have neither.
  start: edge.optional(),
  end: edge.optional(),
  attendees: z.array(z.looseObject({ email: z.string().optional() })).default([]),
  extendedProperties: z.looseObject({ private: z.record(z.string(), z.string()).optional() }).optional(),
})
const page = z.looseObject({
  // Beside a 200, a gateway may send one; a list without events must not be made of it.
  error: z.undefined().optional(),
  items: z.array(event).default([]),
  nextPageToken: z.string().optional(),
})
const busy = z.looseObject({
  calendars: z.record(
    z.string(),
    z.looseObject({
      busy: z.array(z.looseObject({ start: z.string(), end: z.string() })).default([]),
      errors: z.array(z.looseObject({ reason: z.string().optional() })).default([]),
    }),
  ),
})

/** An event with the mark that we have left in it. */
export interface MarkedEvent {
  readonly event: CalendarEvent
  readonly mark: string | undefined
}

/** The name of the mark. */
export const MARK = 'holdfast'

/** Reads an event. @throws HoldfastError `MALFORMED_REPLY`, as all of these. */
export function readEvent(json: unknown): MarkedEvent {
  const wire = checkReply(SERVICE, event, json)
  return { event: eventOf(wire), mark: wire.extendedProperties?.private?.[MARK] }
}

/** Reads that there is nothing more to say: an event is gone. */
export function readNothing(json: unknown): void {
  checkReply(SERVICE, z.undefined(), json)
}

/** Reads a page of events. */
export function readEvents(json: unknown): { readonly items: CalendarEvent[]; readonly next: string | undefined } {
  const { items, nextPageToken: next } = checkReply(SERVICE, page, json)
  return { items: items.map(eventOf), next }
}

/**
 * Reads what is taken in one calendar.
 * @throws HoldfastError `CALENDAR_NOT_READABLE` when Google says beside a 200 that it did not look.
 */
export function readBusy(json: unknown, calendarId: string): TimeSpan[] {
  const { calendars } = checkReply(SERVICE, busy, json)
  // Google may write the id otherwise: `primary` becomes an address.
  const found = calendars[calendarId] ?? Object.values(calendars)[0]
  if (found === undefined || found.errors.length > 0) {
    const reasons = (found?.errors ?? []).map(({ reason }) => reason ?? '').filter((word) => /^\w{1,40}$/.test(word))
    throw new HoldfastError({
      code: 'CALENDAR_NOT_READABLE',
      category: 'configuration',
      message: `Google Calendar could not read the calendar (${reasons.join(', ') || 'no reason given'}): is it shared with the service account?`,
      retryable: false,
      mayHaveTakenEffect: false,
    })
  }
  return found.busy.map(({ start, end }) => ({ start, end }))
}

function eventOf(wire: z.output<typeof event>): CalendarEvent {
  const { id, status, summary, description, location, htmlLink, start, end, attendees } = wire
  return {
    id,
    status,
    isAllDay: start?.date !== undefined,
    start: start?.dateTime ?? start?.date ?? '',
    end: end?.dateTime ?? end?.date ?? '',
    attendees: attendees.flatMap((attendee) => (attendee.email === undefined ? [] : [attendee.email])),
    ...(summary === undefined ? {} : { title: summary }),
    ...(description === undefined ? {} : { description }),
    ...(location === undefined ? {} : { location }),
    ...(htmlLink === undefined ? {} : { url: htmlLink }),
  }
}
