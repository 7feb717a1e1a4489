import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import type { Booking } from './types.ts'

const SERVICE = 'Cal.com'

const success = <Data extends z.ZodType>(data: Data) => z.looseObject({ status: z.literal('success'), data })

const slots = success(z.record(z.string(), z.array(z.looseObject({ start: z.string() }))))
const booking = z.looseObject({
  uid: z.string().min(1),
  status: z.string(),
  start: z.string(),
  end: z.string(),
  title: z.string().nullish(),
  eventTypeId: z.number().nullish(),
  location: z.string().nullish(),
  attendees: z.array(z.looseObject({ name: z.string(), email: z.string() })).default([]),
})
const one = success(booking)
const many = success(z.array(booking))

/** Reads slots, in order. @throws HoldfastError `MALFORMED_REPLY`, as all of these. */
export function readSlots(json: unknown): { readonly start: string }[] {
  const { data } = checkReply(SERVICE, slots, json)
  return Object.values(data)
    .flat()
    .map(({ start }) => ({ start }))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
}

/** Reads a booking. */
export function readBooking(json: unknown): Booking {
  return bookingOf(checkReply(SERVICE, one, json).data)
}

/** Reads a page of bookings. */
export function readBookings(json: unknown): Booking[] {
  return checkReply(SERVICE, many, json).data.map(bookingOf)
}

function bookingOf(wire: z.output<typeof booking>): Booking {
  const { uid, status, start, end, title, eventTypeId, location, attendees } = wire
  return {
    uid,
    status,
    start,
    end,
    attendees: attendees.map(({ name, email }) => ({ name, email })),
    ...(title ? { title } : {}),
    ...(typeof eventTypeId === 'number' ? { eventTypeId } : {}),
    ...(location ? { location } : {}),
  }
}
