import { z } from 'zod'
import { checkInput } from '../api/validate.ts'
import { isTimeZone } from '../time-zone/midnight.ts'
import type { BookingQuery, BookingRequest, Cancellation, EventQuery, NewEvent, SlotQuery } from './types.ts'

const MOMENT = 'must be a time with Z or an offset, such as 2026-12-04T09:00:00Z'
const moment = z.iso.datetime({ offset: true, error: MOMENT })
const DAY = 'must be a day, or a time with Z or an offset'
const dayOrMoment = z.union([z.iso.date(), z.iso.datetime({ offset: true })], DAY)
const email = z.email('must be an e-mail address')
const MANY = 'must be 1 to 10,000'
const maxItems = z.int(MANY).min(1, MANY).max(10_000, MANY).default(1_000)
const text = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `at most ${max.toLocaleString('en-US')} characters`)
const timeZone = z.string().refine(isTimeZone, 'must be a time zone such as Europe/Paris')
const eventTypeId = z.int('must be a whole number from 1').min(1, 'must be a whole number from 1').optional()

const MAX_SPAN_MS = 90 * 86_400_000
const inOrder = (from: string, to: string): boolean => Date.parse(from) < Date.parse(to)

const span = z
  .strictObject({ from: moment, to: moment })
  .refine(({ from, to }) => inOrder(from, to), 'to must be later than from')
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= MAX_SPAN_MS, 'must be at most 90 days')

const eventQuery = z
  .strictObject({ from: moment, to: moment, text: text(300).optional(), maxItems })
  .refine(({ from, to }) => inOrder(from, to), 'to must be later than from')

const newEvent = z
  .strictObject({
    title: text(1_000),
    start: moment,
    end: moment,
    description: text(8_000).optional(),
    location: text(1_000).optional(),
    attendees: z.array(email).max(100, 'at most 100 entries').default([]),
    notify: z.boolean('must be true or false').default(false),
  })
  .refine(({ start, end }) => inOrder(start, end), 'end must be later than start')

const EVENT_ID = 'must be the id of an event'
const eventId = z.string(EVENT_ID).regex(/^[\w-]{1,1024}$/, EVENT_ID)

const slotQuery = z
  .strictObject({ eventTypeId, from: dayOrMoment, to: dayOrMoment, timeZone: timeZone.default('UTC') })
  .refine(({ from, to }) => Date.parse(from) <= Date.parse(to), 'to must not be earlier than from')

const bookingRequest = z.strictObject({
  eventTypeId,
  start: moment,
  attendee: z.strictObject({ name: text(200), email, timeZone }),
  guests: z.array(email).max(20, 'at most 20 entries').default([]),
  notes: text(2_000).optional(),
})

const bookingQuery = z.strictObject({
  status: z
    .enum(['upcoming', 'past', 'cancelled', 'unconfirmed'], 'must be upcoming, past, cancelled or unconfirmed')
    .optional(),
  attendeeEmail: email.optional(),
  eventTypeId,
  from: moment.optional(),
  to: moment.optional(),
  maxItems,
})

const UID = 'must be the uid of a booking'
const uid = z.string(UID).regex(/^[\w-]{1,100}$/, UID)

/** Its defaults filled in, where there are some. */
type Filled<Fields, Names extends keyof Fields> = Fields & { readonly [Name in Names]-?: NonNullable<Fields[Name]> }

/** Checks a span. @throws HoldfastError `INVALID_INPUT`, as all of these. */
export function checkSpan(value: unknown): { readonly from: string; readonly to: string } {
  return checkInput('freeBusy', span, value)
}

/** Checks which events are wanted. */
export function checkEventQuery(value: unknown): Filled<EventQuery, 'maxItems'> {
  return checkInput('events', eventQuery, value)
}

/** Checks an event to be. */
export function checkNewEvent(value: unknown): Filled<NewEvent, 'attendees' | 'notify'> {
  return checkInput('create', newEvent, value)
}

/** Checks the id of an event. */
export function checkEventId(method: string, id: unknown): string {
  return checkInput(method, z.strictObject({ id: eventId }), { id }).id
}

/** Checks what is cancelled. */
export function checkEventCancellation(value: unknown): { readonly id: string; readonly notify: boolean } {
  return checkInput('cancel', z.strictObject({ id: eventId, notify: newEvent.shape.notify }), value)
}

/** Checks which slots are wanted. */
export function checkSlotQuery(value: unknown): Filled<SlotQuery, 'timeZone'> {
  return checkInput('slots', slotQuery, value)
}

/** Checks what is to be booked. */
export function checkBookingRequest(value: unknown): Filled<BookingRequest, 'guests'> {
  return checkInput('book', bookingRequest, value)
}

/** Checks which bookings are wanted. */
export function checkBookingQuery(value: unknown): Filled<BookingQuery, 'maxItems'> {
  return checkInput('bookings', bookingQuery, value)
}

/** Checks the uid of a booking. */
export function checkUid(value: unknown): string {
  return checkInput('get', z.strictObject({ uid }), { uid: value }).uid
}

/** Checks what is cancelled. */
export function checkCancellation(value: unknown): Cancellation {
  return checkInput('cancel', z.strictObject({ uid, reason: text(500).optional() }), value)
}
