/**
 * Cal.com's API v2. From its reference: bearer, `cal-api-version` for each family of endpoints (without the right one, an older version answers), slots by day, bookings, cancelling, `{status, data}`, paging
 * by `take` and `skip`, 120 requests a minute, `x-ratelimit-*`, 429 with `retry-after`. Read in its source and seen by others: error bodies, and the words for a slot that is taken.
 * Not verified: the name in `x-ratelimit-*`; the words for a booking that is cancelled twice. It knows one event type, 1001, of 30 minutes, on weekdays from 9 to 17 in UTC but for lunch.
 */
import { bearerOf, takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply, type WholeReply } from '../http/reply.ts'
import type { VendorErrors } from '../faults/distort.ts'
import type { Vendor } from '../http/stand-in.ts'
import { isOpen, type Diary, type Entry } from './diary.ts'

const EVENT_TYPE = 1_001
const LENGTH_MS = 30 * 60_000
const DAY_MS = 86_400_000
const MAX_DAYS = 60
const BOOKINGS = new Set(['2024-08-13', '2026-02-25', '2026-05-01'])
const SLOTS = '2024-09-04'
const TAKEN = 'User either already has booking at this time or is not available'

/** Makes the stand-in for Cal.com. */
export function calCom(diary: Diary, { now }: { readonly now: () => number }): Vendor {
  let made = 0
  const limits = { startedAt: 0, used: 0 }

  const isFree = (start: number): boolean =>
    start > now() && isOpen(start, start + LENGTH_MS) && diary.between(start, start + LENGTH_MS).length === 0

  const slots = ({ query }: Received): Reply => {
    if (Number(query.get('eventTypeId')) !== EVENT_TYPE) return fail(404, 'NotFoundException', 'Event Type not found')
    const [from, to] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')]
    if (Number.isNaN(from) || Number.isNaN(to) || to < from)
      return fail(400, 'BadRequestException', 'start property is wrong')
    // A day without a time is meant to its end.
    const end = Math.min(/T/.test(query.get('end') ?? '') ? to : to + DAY_MS, from + MAX_DAYS * DAY_MS)
    const days: Record<string, { start: string }[]> = {}
    for (let at = Math.ceil(from / LENGTH_MS) * LENGTH_MS; at < end; at += LENGTH_MS) {
      if (!isFree(at)) continue
      const start = new Date(at).toISOString()
      ;(days[start.slice(0, 10)] ??= []).push({ start })
    }
    return json(200, { status: 'success', data: days })
  }

  const book = (request: Received): Reply => {
    const body = (parseJson(request.body) ?? {}) as Readonly<Record<string, unknown>>
    const { eventTypeId, start, attendee, guests, metadata } = body
    const { name, email, timeZone } = (attendee ?? {}) as Readonly<Record<string, unknown>>
    if (eventTypeId !== EVENT_TYPE)
      return fail(404, 'NotFoundException', `Event type with id ${String(eventTypeId)} not found`)
    const at = typeof start === 'string' ? Date.parse(start) : NaN
    if (Number.isNaN(at) || typeof name !== 'string' || typeof email !== 'string' || typeof timeZone !== 'string') {
      return fail(400, 'BadRequestException', 'start property is wrong,start must be a valid ISO 8601 date string')
    }
    if (at <= now()) return fail(400, 'BadRequestException', 'Attempting to book a meeting in the past.')
    if (!isFree(at)) return fail(400, 'BadRequestException', TAKEN)
    made += 1
    const fields = {
      title: `30 min meeting between the desk and ${name}`,
      attendees: [{ name, email, timeZone, language: 'en', absent: false }],
      guests: guests ?? [],
      metadata: metadata ?? {},
      createdAt: new Date(now()).toISOString(),
      calCom: made,
    }
    return json(201, {
      status: 'success',
      data: shown(diary.set({ id: `sandboxbooking${made}`, fields, start: at, end: at + LENGTH_MS, cancelled: false })),
    })
  }

  const list = ({ query }: Received): Reply => {
    const [take, skip] = [Number(query.get('take') ?? 100), Number(query.get('skip') ?? 0)]
    if (!Number.isInteger(take) || take < 1 || take > 250 || !Number.isInteger(skip) || skip < 0) {
      return fail(400, 'BadRequestException', 'Bad Request Exception')
    }
    const status = query.get('status')
    const email = query.get('attendeeEmail')?.toLowerCase()
    const after = Date.parse(query.get('afterStart') ?? '') || -Infinity
    const before = Date.parse(query.get('beforeEnd') ?? '') || Infinity
    const found = diary
      .all()
      .filter(isBooking)
      .filter(({ start, end, cancelled, fields }) => {
        const isIt =
          status === null ||
          (status === 'cancelled' ? cancelled : !cancelled && (status === 'past' ? end <= now() : end > now()))
        const theirs = email === undefined || JSON.stringify(fields['attendees']).toLowerCase().includes(`"${email}"`)
        return isIt && theirs && start >= after && end <= before && status !== 'unconfirmed'
      })
    const page = found.slice(skip, skip + take)
    const pagination = {
      totalItems: found.length,
      remainingItems: Math.max(0, found.length - skip - page.length),
      returnedItems: page.length,
      itemsPerPage: take,
    }
    return json(200, { status: 'success', data: page.map(shown), pagination })
  }

  const one = (request: Received, uid: string, isCancel: boolean): Reply => {
    const entry = diary.get(uid)
    if (entry === undefined || !isBooking(entry)) {
      return fail(404, 'NotFoundException', `Booking with uid=${uid} was not found in the database`)
    }
    if (!isCancel) return json(200, { status: 'success', data: shown(entry) })
    if (entry.cancelled)
      return fail(
        400,
        'BadRequestException',
        `Can't cancel booking with uid=${uid} because it has been cancelled already.`,
      )
    const { cancellationReason } = (parseJson(request.body) ?? {}) as { cancellationReason?: unknown }
    const fields = { ...entry.fields, ...(cancellationReason === undefined ? {} : { cancellationReason }) }
    return json(200, { status: 'success', data: shown(diary.set({ ...entry, fields, cancelled: true })) })
  }

  const route = (request: Received): Reply => {
    const call = `${request.method} ${request.path}`
    const version = String(request.headers['cal-api-version'] ?? '')
    if (call === 'GET /v2/slots') {
      return version === SLOTS ? slots(request) : fail(404, 'NotFoundException', 'Cannot GET /v2/slots')
    }
    if (!BOOKINGS.has(version)) return fail(404, 'NotFoundException', `Cannot ${call}`)
    if (call === 'POST /v2/bookings') return book(request)
    if (call === 'GET /v2/bookings') return list(request)
    const [, uid, cancel] = /^\/v2\/bookings\/([\w-]+)(\/cancel)?$/.exec(request.path) ?? []
    const isCancel = cancel !== undefined
    if (uid === undefined || request.method !== (isCancel ? 'POST' : 'GET'))
      return fail(404, 'NotFoundException', `Cannot ${call}`)
    return one(request, uid, isCancel)
  }

  /** Far above what the vendor allows, so that a load test does not meet it by accident. */
  const headers = (): Record<string, string> => {
    if (now() - limits.startedAt >= 60_000) Object.assign(limits, { startedAt: now(), used: 0 })
    limits.used += 1
    return {
      'x-ratelimit-limit-default': '100000',
      'x-ratelimit-remaining-default': String(Math.max(0, 100_000 - limits.used)),
    }
  }

  return {
    service: 'cal-com',
    errors: calComErrors,
    takes: takesPath('cal-com'),
    answer(request) {
      if (bearerOf(request) === '') return calComErrors.error(401, request.path)
      return withHeaders(route(withoutPrefix('cal-com', request)), headers())
    },
  }
}

function isBooking({ fields }: Entry): boolean {
  return fields['calCom'] !== undefined
}

function shown({ id, fields, start, end, cancelled }: Entry): object {
  const { calCom: number, ...rest } = fields
  return {
    id: number,
    uid: id,
    ...rest,
    status: cancelled ? 'cancelled' : 'accepted',
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    duration: 30,
    eventTypeId: EVENT_TYPE,
    location: 'integrations:daily',
    absentHost: false,
  }
}

function fail(status: number, code: string, message: string): WholeReply {
  return json(status, {
    status: 'error',
    timestamp: '2026-11-26T00:00:00.000Z',
    path: '/v2',
    error: { code, message, details: { message, statusCode: status } },
  })
}

/** How Cal.com words its refusals. */
const calComErrors: VendorErrors = {
  error(status) {
    if (status === 401)
      return fail(401, 'UnauthorizedException', 'ApiAuthStrategy - api key - Your api key is not valid')
    if (status === 404) return fail(404, 'NotFoundException', 'Not Found')
    return status >= 500
      ? fail(status, 'InternalServerErrorException', 'Internal server error')
      : fail(status, 'BadRequestException', 'Bad Request')
  },
  rateLimited: () => fail(429, 'ThrottlerException', 'ThrottlerException: Too Many Requests'),
  errorInBody: () => ({ error: { code: 'InternalServerErrorException', message: 'Internal server error' } }),
  errorPart: () => '{"status":"error"}',
}
