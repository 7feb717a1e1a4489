import { createCalCom, createGoogleCalendar } from '@holdfast/connectors/calendar'
import type { CalCom, GoogleCalendar } from '@holdfast/connectors/calendar'
import { createIntegration } from '@holdfast/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isOpen } from '../src/calendar/diary.ts'
import { startSandbox, type Sandbox } from '../src/index.ts'
import { call } from './call.ts'

/** A Monday. */
const NOW = Date.UTC(2026, 10, 30, 8)
const guard = { retry: { maxRetries: 1, backoffMs: 1 }, breaker: false } as const

let sandbox: Sandbox
let google: GoogleCalendar
let cal: CalCom
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => NOW })
  google = createGoogleCalendar({
    calendarId: 'desk@sandbox.example',
    auth: { headers: async () => ({ authorization: 'Bearer k' }), refused: () => false },
    baseUrl: sandbox.services['google-calendar'].url,
    integration: createIntegration({ name: 'google-calendar', ...guard }),
  })
  cal = createCalCom({
    apiKey: 'sandbox-key',
    eventTypeId: 1_001,
    baseUrl: sandbox.services['cal-com'].url,
    integration: createIntegration({ name: 'cal-com', ...guard }),
  })
})
afterAll(async () => {
  await Promise.all([google.close(), cal.close()])
  await sandbox.close()
})
afterEach(async () => {
  await sandbox.faults.clear()
})

const attendee = { name: 'Ada', email: 'ada@b.example', timeZone: 'Europe/Paris' }
const day = { from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('Google Calendar', () => {
  it('makes an event once, though its reply is cut, and tells what is free then', async () => {
    const event = { title: 'Call', start: '2026-12-01T10:00:00+01:00', end: '2026-12-01T11:00:00+01:00' }
    await sandbox.faults.set('google-calendar', { fault: 'cut', next: 1 })
    const made = await google.create(event, { idempotencyKey: 'k1' })
    expect(await google.create(event, { idempotencyKey: 'k1' })).toEqual(made)
    expect(await all(google.events({ ...day, text: 'call' }))).toEqual([made])
    expect((await google.freeBusy(day)).busy).toEqual([
      { start: '2026-12-01T09:00:00.000Z', end: '2026-12-01T10:00:00.000Z' },
    ])
    await google.cancel({ id: made.id })
    await google.cancel({ id: made.id })
    expect((await google.freeBusy(day)).busy).toEqual([])
    await expect(google.create(event, { idempotencyKey: 'k1' })).rejects.toMatchObject({ code: 'EVENT_CANCELLED' })
    expect(await google.get('nothing')).toBeUndefined()
  })

  it('has one calendar, and says of another beside a 200 that there is none', async () => {
    const other = createGoogleCalendar({
      calendarId: 'nobody@sandbox.example',
      auth: { headers: async () => ({ authorization: 'Bearer k' }), refused: () => false },
      baseUrl: sandbox.services['google-calendar'].url,
      integration: createIntegration({ name: 'other', ...guard }),
    })
    await expect(other.freeBusy(day)).rejects.toMatchObject({ code: 'CALENDAR_NOT_READABLE' })
    await expect(other.health()).rejects.toMatchObject({ status: 404 })
    await other.close()
  })
})

describe('Cal.com', () => {
  it('books a slot, which is taken then in both calendars, and free again when it is cancelled', async () => {
    const before = await cal.slots({ from: '2026-12-02', to: '2026-12-02' })
    expect(before).toHaveLength(14)
    const { start } = before[0]!
    const booking = await cal.book({ start, attendee, notes: 'two dogs' })
    expect(booking).toMatchObject({ status: 'accepted', start, attendees: [{ email: attendee.email }] })
    await expect(cal.book({ start, attendee })).rejects.toMatchObject({ code: 'SLOT_TAKEN' })
    expect(await cal.slots({ from: '2026-12-02', to: '2026-12-02' })).toHaveLength(13)
    const there = { from: '2026-12-02T00:00:00Z', to: '2026-12-03T00:00:00Z' }
    expect((await google.freeBusy(there)).busy).toEqual([{ start, end: booking.end }])
    expect(await all(cal.bookings({ status: 'upcoming', attendeeEmail: 'ADA@b.example' }))).toEqual([booking])
    expect(await cal.get(booking.uid)).toEqual(booking)
    expect(await cal.cancel({ uid: booking.uid, reason: 'changed' })).toMatchObject({ status: 'cancelled' })
    expect(await cal.cancel({ uid: booking.uid })).toMatchObject({ status: 'cancelled' })
    expect(await cal.slots({ from: '2026-12-02', to: '2026-12-02' })).toHaveLength(14)
    expect(await all(cal.bookings({ status: 'upcoming' }))).toEqual([])
    expect(cal.rateLimits()).toMatchObject({ default: { limit: 100_000 } })
  })

  it('refuses the past, lunch, weekends and what there is not', async () => {
    for (const start of ['2026-11-27T09:00:00Z', '2026-12-02T12:00:00Z', '2026-12-05T09:00:00Z']) {
      await expect(cal.book({ start, attendee })).rejects.toMatchObject({ status: 400 })
    }
    await expect(cal.slots({ eventTypeId: 9, from: '2026-12-02', to: '2026-12-02' })).rejects.toMatchObject({
      status: 404,
    })
    await expect(cal.cancel({ uid: 'none' })).rejects.toMatchObject({ code: 'BOOKING_NOT_FOUND' })
  })

  it('answers nobody without a version or a key', async () => {
    const url = `${sandbox.services['cal-com'].url}/bookings`
    expect((await call(url, { headers: { authorization: 'Bearer k' } })).status).toBe(404)
    expect((await call(url, { headers: { 'cal-api-version': '2026-02-25' } })).status).toBe(401)
  })
})

it('the desk is there on weekdays from 9 to 17, but not at lunch', () => {
  const at = (date: number, hour: number, minutes = 30): boolean =>
    isOpen(Date.UTC(2026, 11, date, hour), Date.UTC(2026, 11, date, hour, minutes))
  expect([at(1, 8), at(1, 9), at(1, 12), at(1, 13), at(1, 16), at(1, 17), at(5, 9), at(1, 16, 90)]).toEqual([
    false,
    true,
    false,
    true,
    true,
    false,
    false,
    false,
  ])
})
