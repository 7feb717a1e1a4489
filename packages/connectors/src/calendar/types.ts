import type { ApiCallOptions } from '../api/options.ts'

/** From a time to a later one; ISO 8601 with `Z` or an offset. */
export interface TimeSpan {
  readonly start: string
  readonly end: string
}

/** What is taken of a span, and what is not; both in order and without overlaps. */
export interface FreeBusy {
  readonly busy: readonly TimeSpan[]
  readonly free: readonly TimeSpan[]
}

/** An event of a calendar. */
export interface CalendarEvent extends TimeSpan {
  readonly id: string
  /** Whether it has days for times: then `start` and `end` are `YYYY-MM-DD`, and the day of `end` is not in it. */
  readonly isAllDay: boolean
  /** `confirmed`, `tentative` or `cancelled`. */
  readonly status: string
  readonly title?: string
  readonly description?: string
  readonly location?: string
  /** Their addresses. */
  readonly attendees: readonly string[]
  /** For people. */
  readonly url?: string
}

/** Which events. */
export interface EventQuery {
  /** Those that end after this. ISO 8601 with `Z` or an offset. */
  readonly from: string
  /** Those that begin before this. */
  readonly to: string
  /** Words in them. Default: any. */
  readonly text?: string | undefined
  /** Events given at most. 1 to 10,000. Default: 1,000. */
  readonly maxItems?: number | undefined
}

/** An event to be. */
export interface NewEvent extends TimeSpan {
  /** 1 to 1,000 characters. */
  readonly title: string
  /** At most 8,000 characters. */
  readonly description?: string | undefined
  readonly location?: string | undefined
  /** Addresses, at most 100. A service account may invite somebody only on behalf of a user (`subject`). */
  readonly attendees?: readonly string[] | undefined
  /** Whether Google writes to them. Default: false. */
  readonly notify?: boolean | undefined
}

/** A calendar of Google's. */
export interface GoogleCalendar {
  /**
   * What is taken between two times, at most 90 days apart.
   * @throws HoldfastError `CALENDAR_NOT_READABLE` (`configuration`): Google says that beside a 200.
   */
  freeBusy(span: { readonly from: string; readonly to: string }, call?: ApiCallOptions): Promise<FreeBusy>
  /** Events by their beginnings, those that repeat one by one; a page is fetched when it is needed. */
  events(query: EventQuery, call?: ApiCallOptions): AsyncIterable<CalendarEvent>
  /** An event; `undefined` when there is none. */
  get(id: string, call?: ApiCallOptions): Promise<CalendarEvent | undefined>
  /**
   * Makes an event. May be repeated: its id is made from the `idempotencyKey`, in whichever process, and Google takes an id only once. Without a key, one is made for the call.
   * @throws HoldfastError `IDEMPOTENCY_KEY_REUSED` (`validation`) when the key stood for another event, `EVENT_CANCELLED` (`client`) when its event has been cancelled since.
   */
  create(event: NewEvent, call?: ApiCallOptions): Promise<CalendarEvent>
  /** Cancels an event; one that is gone already is good. @throws HoldfastError `EVENT_NOT_FOUND` (`client`). */
  cancel(event: { readonly id: string; readonly notify?: boolean | undefined }, call?: ApiCallOptions): Promise<void>
  /** Whether the calendar can be read. */
  health(call?: ApiCallOptions): Promise<void>
  /** Closes its connections, unless they were given. Not those of the `auth`. */
  close(): Promise<void>
}

/** Which slots. */
export interface SlotQuery {
  readonly eventTypeId?: number | undefined
  /** ISO 8601 with `Z` or an offset, or a day. */
  readonly from: string
  readonly to: string
  /** Of the slots that come back. Default: `UTC`. */
  readonly timeZone?: string | undefined
}

/** What is to be booked. */
export interface BookingRequest {
  readonly eventTypeId?: number | undefined
  /** One of the slots; ISO 8601 with `Z` or an offset. */
  readonly start: string
  readonly attendee: {
    readonly name: string
    readonly email: string
    /** Such as `Europe/Paris`. */
    readonly timeZone: string
  }
  /** Further addresses, at most 20. */
  readonly guests?: readonly string[] | undefined
  /** At most 2,000 characters. */
  readonly notes?: string | undefined
}

/** A booking. */
export interface Booking extends TimeSpan {
  readonly uid: string
  /** `accepted`, `pending`, `cancelled` or `rejected`. */
  readonly status: string
  readonly title?: string
  readonly eventTypeId?: number
  readonly attendees: readonly { readonly name: string; readonly email: string }[]
  /** Where it takes place: an address, a link, or how. */
  readonly location?: string
}

/** Which bookings. */
export interface BookingQuery {
  /** Default: any. */
  readonly status?: 'upcoming' | 'past' | 'cancelled' | 'unconfirmed' | undefined
  /** Of this address. */
  readonly attendeeEmail?: string | undefined
  readonly eventTypeId?: number | undefined
  /** Those that begin after this. */
  readonly from?: string | undefined
  /** Those that end before this. */
  readonly to?: string | undefined
  /** Bookings given at most. 1 to 10,000. Default: 1,000. */
  readonly maxItems?: number | undefined
}

/** What is cancelled, and why. */
export interface Cancellation {
  readonly uid: string
  /** For the attendees; at most 500 characters. */
  readonly reason?: string | undefined
}

/** What Cal.com says is left, by the name of the limit (`default`), from the last good reply that said so. */
export type CalComLimits = Readonly<Record<string, { readonly limit?: number; readonly left?: number }>>

/** Slots and bookings of Cal.com. */
export interface CalCom {
  /** When an event type can be booked, in order. */
  slots(query: SlotQuery, call?: ApiCallOptions): Promise<readonly { readonly start: string }[]>
  /**
   * Books a slot. Made once: Cal.com knows no key for it, but books a slot no second time.
   * @throws HoldfastError `SLOT_TAKEN` (`client`).
   */
  book(request: BookingRequest, call?: ApiCallOptions): Promise<Booking>
  /** Bookings, page by page: a page is fetched when it is needed. */
  bookings(query?: BookingQuery, call?: ApiCallOptions): AsyncIterable<Booking>
  /** A booking; `undefined` when there is none. */
  get(uid: string, call?: ApiCallOptions): Promise<Booking | undefined>
  /** Cancels a booking; one that is cancelled already is good. @throws HoldfastError `BOOKING_NOT_FOUND` (`client`). */
  cancel(cancellation: Cancellation, call?: ApiCallOptions): Promise<Booking>
  /** What may still be asked. */
  rateLimits(): CalComLimits
  /** Whether the key is accepted. */
  health(call?: ApiCallOptions): Promise<void>
  /** Closes its connections, unless they were given. */
  close(): Promise<void>
}
