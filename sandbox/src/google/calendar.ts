/**
 * Google Calendar. From its reference: `freeBusy` with the errors of single calendars beside a 200, `events` (list, get, insert, delete), an id of the caller's own, which is taken once, 409 `duplicate`
 * for one that is there, also when it is cancelled, 410 `deleted` for one that was cancelled, error bodies with `reason`. Not verified: the wording of errors.
 * It knows one calendar, `desk@sandbox.example`, also as `primary`; no events that repeat. Whoever is invited hears nothing.
 */
import { bearerOf, takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, type Reply, type WholeReply } from '../http/reply.ts'
import type { VendorErrors } from '../faults/distort.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Diary, Entry } from '../calendar/diary.ts'
import { isGoodToken } from './tokens.ts'

/** The calendar there is. */
const CALENDAR = 'desk@sandbox.example'

/** Makes the stand-in for Google Calendar. */
export function googleCalendar(diary: Diary, { now }: { readonly now: () => number }): Vendor {
  let made = 0

  const freeBusy = (request: Received): Reply => {
    const { timeMin, timeMax, items } = (parseJson(request.body) ?? {}) as Readonly<Record<string, unknown>>
    const [from, to] = [momentOf(timeMin), momentOf(timeMax)]
    if (from === undefined || to === undefined || !Array.isArray(items))
      return refuse(400, 'required', 'Missing parameter')
    if (from >= to) return refuse(400, 'timeRangeEmpty', 'The specified time range is empty.')
    const calendars = (items as { id?: unknown }[]).map(({ id }) => {
      const name = String(id)
      if (!isCalendar(name)) return [name, { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] }]
      return [name, { busy: diary.between(from, to).map(({ start, end }) => ({ start: iso(start), end: iso(end) })) }]
    })
    return json(200, {
      kind: 'calendar#freeBusy',
      timeMin,
      timeMax,
      calendars: Object.fromEntries(calendars) as object,
    })
  }

  const list = ({ query }: Received): Reply => {
    const [from, to] = [momentOf(query.get('timeMin')) ?? -Infinity, momentOf(query.get('timeMax')) ?? Infinity]
    const words = (query.get('q') ?? '').toLowerCase()
    const offset = Number(query.get('pageToken') ?? 0)
    const size = Math.min(Number(query.get('maxResults') ?? 250), 2_500)
    if (!Number.isInteger(offset) || !Number.isInteger(size) || size < 1) return refuse(400, 'invalid', 'Bad Request')
    const found = diary.between(from, to).filter(({ fields }) => JSON.stringify(fields).toLowerCase().includes(words))
    const next = offset + size
    return json(200, {
      kind: 'calendar#events',
      summary: CALENDAR,
      items: found.slice(offset, next).map(shown),
      ...(next < found.length ? { nextPageToken: String(next) } : {}),
    })
  }

  const insert = (request: Received): Reply => {
    const fields = (parseJson(request.body) ?? {}) as Readonly<Record<string, unknown>>
    const [start, end] = [edgeOf(fields['start']), edgeOf(fields['end'])]
    if (start === undefined || end === undefined) return refuse(400, 'required', 'Missing end time.')
    if (end <= start) return refuse(400, 'timeRangeEmpty', 'The specified time range is empty.')
    made += 1
    const id = fields['id'] ?? `sandboxevent${made}`
    if (typeof id !== 'string' || !/^[a-v0-9]{5,1024}$/.test(id))
      return refuse(400, 'invalid', 'Invalid resource id value.')
    if (diary.get(id) !== undefined) return refuse(409, 'duplicate', 'The requested identifier already exists.')
    return json(200, shown(diary.set({ id, fields, start, end, cancelled: false })))
  }

  const one = (request: Received, id: string): Reply => {
    const entry = diary.get(id)
    if (entry === undefined) return refuse(404, 'notFound', 'Not Found')
    if (request.method === 'GET') return json(200, shown(entry))
    if (request.method !== 'DELETE') return refuse(405, 'httpMethodNotAllowed', 'Method not allowed')
    if (entry.cancelled) return refuse(410, 'deleted', 'Resource has been deleted')
    diary.set({ ...entry, cancelled: true })
    return { kind: 'whole', status: 204, headers: {}, body: '' }
  }

  const route = (request: Received): Reply => {
    if (request.path === '/freeBusy' && request.method === 'POST') return freeBusy(request)
    const [, calendar, id] = /^\/calendars\/([^/]+)\/events(?:\/([^/]+))?$/.exec(request.path) ?? []
    if (calendar === undefined || !isCalendar(decodeURIComponent(calendar))) return refuse(404, 'notFound', 'Not Found')
    if (id !== undefined) return one(request, id)
    return request.method === 'POST' ? insert(request) : list(request)
  }

  return {
    service: 'google-calendar',
    errors: calendarErrors,
    takes: takesPath('google-calendar'),
    answer: (request) =>
      isGoodToken(bearerOf(request), now())
        ? route(withoutPrefix('google-calendar', request))
        : calendarErrors.error(401, request.path),
  }
}

function isCalendar(name: string): boolean {
  return name === 'primary' || name === CALENDAR
}

function shown({ id, fields, start, end, cancelled }: Entry): object {
  return {
    kind: 'calendar#event',
    start: { dateTime: iso(start) },
    end: { dateTime: iso(end) },
    ...fields,
    id,
    status: cancelled ? 'cancelled' : 'confirmed',
    htmlLink: `https://calendar.sandbox.example/event?eid=${id}`,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function momentOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(at) ? undefined : at
}

function edgeOf(value: unknown): number | undefined {
  const { dateTime, date } = (value ?? {}) as { dateTime?: unknown; date?: unknown }
  return momentOf(dateTime ?? date)
}

function refuse(code: number, reason: string, message: string, domain = 'global'): WholeReply {
  return json(code, { error: { errors: [{ domain, reason, message }], code, message } })
}

/** How Google words the refusals of Calendar: its older way. */
const calendarErrors: VendorErrors = {
  error(status) {
    if (status === 401) return refuse(401, 'authError', 'Invalid Credentials')
    if (status === 403) return refuse(403, 'forbidden', 'Forbidden')
    if (status === 404) return refuse(404, 'notFound', 'Not Found')
    return status >= 500 ? refuse(status, 'backendError', 'Backend Error') : refuse(status, 'invalid', 'Bad Request')
  },
  rateLimited: () => refuse(429, 'rateLimitExceeded', 'Rate Limit Exceeded', 'usageLimits'),
  errorInBody: () => ({ error: { errors: [{ reason: 'backendError' }], code: 500, message: 'Backend Error' } }),
  errorPart: () => '{"error":{"code":500}}',
}
