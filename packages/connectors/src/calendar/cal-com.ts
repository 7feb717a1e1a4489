import { createHash } from 'node:crypto'
import { HoldfastError, systemClock } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import { createUsedUp, numberIn } from '../api/used-up.ts'
import { createHttpClient } from '../http/index.ts'
import { invalidOption } from '../http/options.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { explain } from './cal-com-failures.ts'
import { readBooking, readBookings, readSlots } from './cal-com-wire.ts'
import { checkBookingQuery, checkBookingRequest, checkCancellation, checkSlotQuery, checkUid } from './input.ts'
import type { Booking, CalCom, CalComLimits } from './types.ts'

/** How to reach Cal.com. */
export interface CalComOptions {
  /** `cal_…` */
  readonly apiKey: string
  /** Every call runs through it. A key may make 120 requests a minute: give it a rate limit. */
  readonly integration: Integration
  /** What is booked where a call does not say it. Default: none. */
  readonly eventTypeId?: number | undefined
  /** Default: `https://api.cal.com/v2`. */
  readonly baseUrl?: string | undefined
  /** The version of the endpoints of slots; a day. Default: `2024-09-04`. */
  readonly slotsVersion?: string | undefined
  /** The version of the endpoints of bookings; a day. Default: `2026-02-25`. */
  readonly bookingsVersion?: string | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Defaults of {@link CalComOptions}. */
export const CAL_COM_DEFAULTS: {
  readonly baseUrl: string
  readonly slotsVersion: string
  readonly bookingsVersion: string
} = Object.freeze({ baseUrl: 'https://api.cal.com/v2', slotsVersion: '2024-09-04', bookingsVersion: '2026-02-25' })

const SERVICE = 'Cal.com'
const PAGE_SIZE = 100

/** Makes a client of Cal.com. @throws HoldfastError `INVALID_OPTION` */
export function createCalCom(options: CalComOptions): CalCom {
  const slotsVersion = { 'cal-api-version': checkVersion('slotsVersion', options.slotsVersion) }
  const bookingsVersion = { 'cal-api-version': checkVersion('bookingsVersion', options.bookingsVersion) }
  const http = createHttpClient({
    baseUrl: options.baseUrl ?? CAL_COM_DEFAULTS.baseUrl,
    service: SERVICE,
    headers: { authorization: `Bearer ${options.apiKey}` },
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const writes = createWriteRegistry(SERVICE, options.writeMemory)
  const usedUp = createUsedUp(SERVICE, systemClock)
  let limits: CalComLimits = {}
  const api = createApiCaller({
    service: SERVICE,
    http,
    integration: options.integration,
    explain,
    leave: async () => usedUp.check(),
    onHeaders(headers) {
      limits = readLimits(headers) ?? limits
      const spentMs = spentForMs(headers, systemClock.wallTime())
      if (spentMs > 0) usedUp.mark(spentMs)
    },
  })
  const typeOf = (given: number | undefined): number => {
    const id = given ?? options.eventTypeId
    if (id !== undefined) return id
    throw new HoldfastError({
      code: 'INVALID_INPUT',
      category: 'validation',
      message: 'Cal.com: eventTypeId: is needed, in the call or as an option',
      retryable: false,
      mayHaveTakenEffect: false,
    })
  }
  const one = (uid: string): string => `/bookings/${encodeURIComponent(uid)}`

  const client: CalCom = {
    async slots(query, call = {}) {
      const { eventTypeId, from, to, timeZone } = checkSlotQuery(query)
      const parameters = { eventTypeId: typeOf(eventTypeId), start: from, end: to, timeZone }
      return api.call(
        { path: '/slots', query: parameters, headers: slotsVersion, read: readSlots, effect: 'read' },
        call,
      )
    },

    async book(request, call = {}) {
      const { eventTypeId, start, attendee, guests, notes } = checkBookingRequest(request)
      const json = {
        eventTypeId: typeOf(eventTypeId),
        start: new Date(start).toISOString(),
        attendee,
        ...(guests.length === 0 ? {} : { guests }),
        ...(notes === undefined ? {} : { bookingFieldsResponses: { notes } }),
        // For whoever looks whether a booking of which nothing was heard has been made.
        ...(call.idempotencyKey === undefined ? {} : { metadata: { holdfastKey: digest(call.idempotencyKey) } }),
      }
      return writes.once(call, json, () =>
        api.call(
          { method: 'POST', path: '/bookings', json, headers: bookingsVersion, read: readBooking, effect: 'write' },
          call,
        ),
      )
    },

    async *bookings(query = {}, call = {}): AsyncGenerator<Booking, undefined, void> {
      const { status, attendeeEmail, eventTypeId, from, to, maxItems } = checkBookingQuery(query)
      let left = maxItems
      for (let skip = 0; left > 0; skip += PAGE_SIZE) {
        const found = await api.call(
          {
            path: '/bookings',
            query: {
              status,
              attendeeEmail,
              eventTypeId,
              afterStart: from,
              beforeEnd: to,
              sortStart: 'asc',
              take: PAGE_SIZE,
              skip,
            },
            headers: bookingsVersion,
            read: readBookings,
            effect: 'read',
          },
          call,
        )
        yield* found.slice(0, left)
        left -= found.length
        if (found.length < PAGE_SIZE) return
      }
    },

    async get(uid, call = {}) {
      try {
        return await api.call(
          { path: one(checkUid(uid)), headers: bookingsVersion, read: readBooking, effect: 'read' },
          call,
        )
      } catch (error) {
        if (HoldfastError.isInstance(error) && error.code === 'BOOKING_NOT_FOUND') return undefined
        throw error
      }
    },

    async cancel(input, call = {}) {
      const { uid, reason } = checkCancellation(input)
      try {
        return await api.call(
          {
            method: 'POST',
            path: `${one(uid)}/cancel`,
            json: reason === undefined ? {} : { cancellationReason: reason },
            headers: bookingsVersion,
            read: readBooking,
            effect: 'repeatable-write',
          },
          call,
        )
      } catch (error) {
        // One that is cancelled already is refused: by an attempt whose reply was lost, or by somebody else.
        if (!HoldfastError.isInstance(error) || error.status !== 400) throw error
        const booking = await client.get(uid, call)
        if (booking?.status !== 'cancelled') throw error
        return booking
      }
    },

    rateLimits: () => limits,

    async health(call = {}) {
      const query = { take: 1 }
      await api.call({ path: '/bookings', query, headers: bookingsVersion, read: readBookings, effect: 'read' }, call)
    },

    close: () => http.close(),
  }
  return client
}

function readLimits(headers: Readonly<Record<string, string>>): CalComLimits | undefined {
  const limits: Record<string, { limit?: number; left?: number }> = {}
  for (const [header, text] of Object.entries(headers)) {
    const [, what, name] = /^x-ratelimit-(limit|remaining)-?(.*)$/.exec(header) ?? []
    const value = Number(text)
    if (what === undefined || text.trim() === '' || !Number.isFinite(value)) continue
    const entry = (limits[name || 'default'] ??= {})
    if (what === 'limit') entry.limit = value
    else entry.left = value
  }
  return Object.keys(limits).length === 0 ? undefined : Object.freeze(limits)
}

/** For how long nothing is left of one of the limits, in ms: a minute at most, which is their window. When it ends is said in seconds, or as a time in seconds. */
function spentForMs(headers: Readonly<Record<string, string>>, wallTime: number): number {
  const waits = Object.keys(headers)
    .filter((header) => header.startsWith('x-ratelimit-remaining') && numberIn(headers, header) === 0)
    .map((header) => numberIn(headers, header.replace('remaining', 'reset')) ?? 0)
    .map((reset) => (reset > 1_000_000_000 ? reset * 1_000 - wallTime : reset * 1_000))
  return Math.min(Math.max(0, ...waits), 60_000)
}

function checkVersion(name: 'slotsVersion' | 'bookingsVersion', version: string = CAL_COM_DEFAULTS[name]): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(version)) return version
  throw invalidOption(name, 'must be a day such as 2024-09-04')
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
