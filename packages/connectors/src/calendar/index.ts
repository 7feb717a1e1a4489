/*
 * Calendars: Google Calendar, whose events anybody with the right may write, and Cal.com, whose slots are booked.
 *
 * Google, documented (developers.google.com/workspace/calendar/api, discovery document v3): base address, `freeBusy` with errors of single calendars beside a 200, `events` (list with
 * `singleEvents`, `orderBy`, `timeMin`, `timeMax`, `q`, `pageToken`; insert with an id of one's own in base32hex, 5 to 1,024 characters, which makes it once, 409 when it is there; delete, 410
 * when it is gone), `sendUpdates`, `extendedProperties.private`, errors with `reason`, and which of them are tried again.
 * Cal.com, documented (cal.com/docs/api-reference/v2): base address, bearer, `cal-api-version` for each family of endpoints, slots by day, bookings, cancelling, `{status, data}`, at most
 * 250 bookings a page, 120 requests a minute for each key, `x-ratelimit-*`, 429 with `Retry-After`. Read in its source: the words for a slot that is taken, and the body of an error.
 * Not verified: the name in Cal.com's `x-ratelimit-*` headers (any is read), and whether when a limit ends is said there in seconds or as a time (both are read); that a booking which is cancelled twice is refused (then it is looked at, and a cancelled one is good).
 */
export { CAL_COM_DEFAULTS, createCalCom } from './cal-com.ts'
export type { CalComOptions } from './cal-com.ts'
export { createGoogleCalendar, GOOGLE_CALENDAR_DEFAULTS, GOOGLE_CALENDAR_SCOPES } from './google-calendar.ts'
export type { GoogleCalendarOptions } from './google-calendar.ts'
export type { ApiCallOptions } from '../api/options.ts'
export type {
  Booking,
  BookingQuery,
  BookingRequest,
  CalCom,
  CalComLimits,
  CalendarEvent,
  Cancellation,
  EventQuery,
  FreeBusy,
  GoogleCalendar,
  NewEvent,
  SlotQuery,
  TimeSpan,
} from './types.ts'
export { createGoogleAuth, GOOGLE_AUTH_DEFAULTS, parseServiceAccountKey } from '../google-auth/index.ts'
export type { GoogleAuth, GoogleAuthOptions, ServiceAccountKey } from '../google-auth/index.ts'
