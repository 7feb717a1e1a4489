import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import type { CalCom, GoogleCalendar } from '@holdfast/connectors/calendar'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const moment = z.iso.datetime({ offset: true }).describe('With Z or an offset: 2026-12-04T09:00:00+01:00')
const span = z.object({ start: z.string(), end: z.string() })
const email = z.email()
const limit = z.int().min(1).max(100).optional()

const READS = { readOnlyHint: true, openWorldHint: true } as const
const CANCELS = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true } as const
const MAKES = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true } as const

const event = z.object({
  id: z.string(),
  start: z.string(),
  end: z.string(),
  isAllDay: z.boolean(),
  status: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  attendees: z.array(z.string()),
  url: z.string().optional(),
})

/** A calendar of Google's as tools. */
export function googleCalendarTools(calendar: GoogleCalendar): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'free_busy',
      title: 'What is free',
      description: 'Tells what is taken and what is free between two times, at most 90 days apart. Changes nothing.',
      input: z.object({ from: moment, to: moment }),
      output: z.object({ busy: z.array(span), free: z.array(span) }),
      annotations: READS,
      async run(input, { signal }) {
        const { busy, free } = await calendar.freeBusy(input, { signal })
        return { busy: [...busy], free: [...free] }
      },
    }),
    defineMcpTool({
      name: 'list_events',
      title: 'List events',
      description: 'Lists the events between two times, by words in them where there are some. Changes nothing.',
      input: z.object({ from: moment, to: moment, text: z.string().min(1).max(300).optional(), limit }),
      output: z.object({ events: z.array(event) }),
      annotations: READS,
      run: async ({ limit: maxItems = 50, ...query }, { signal }) => ({
        events: (await all(calendar.events({ ...query, maxItems }, { signal }))).map(mutable),
      }),
    }),
    defineMcpTool({
      name: 'create_event',
      title: 'Make an event',
      description:
        'Makes an event. Only when the customer has asked for it. With the same idempotencyKey it is made once.',
      input: z.object({
        title: z.string().min(1).max(1_000),
        start: moment,
        end: moment,
        description: z.string().min(1).max(8_000).optional(),
        location: z.string().min(1).max(1_000).optional(),
        attendees: z.array(email).max(100).optional().describe('Addresses of those who are invited'),
        notify: z.boolean().optional().describe('Whether Google writes to them'),
        idempotencyKey,
      }),
      output: event,
      annotations: MAKES,
      run: async ({ idempotencyKey: key, ...input }, { signal }) =>
        mutable(await calendar.create(input, writeOptions(signal, key))),
    }),
    defineMcpTool({
      name: 'cancel_event',
      title: 'Cancel an event',
      description: 'Cancels an event. Only when the customer has said so. Doing it twice does no harm.',
      input: z.object({
        id: z.string().regex(/^[\w-]{1,1024}$/),
        notify: z.boolean().optional().describe('Whether Google writes to those who are invited'),
      }),
      output: z.object({ id: z.string(), cancelled: z.literal(true) }),
      annotations: CANCELS,
      async run(input, { signal }) {
        await calendar.cancel(input, { signal })
        return { id: input.id, cancelled: true }
      },
    }),
  ]
}

const booking = z.object({
  uid: z.string(),
  start: z.string(),
  end: z.string(),
  status: z.string(),
  title: z.string().optional(),
  eventTypeId: z.number().optional(),
  attendees: z.array(z.object({ name: z.string(), email: z.string() })),
  location: z.string().optional(),
})
const eventTypeId = z.int().min(1).optional().describe('What is booked; where none is set up, it is needed')
const dayOrMoment = z.union([z.iso.date(), moment])

/** Slots and bookings of Cal.com as tools. */
export function calComTools(cal: CalCom): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'list_slots',
      title: 'List slots',
      description: 'Lists when something can be booked. Changes nothing.',
      input: z.object({
        eventTypeId,
        from: dayOrMoment,
        to: dayOrMoment,
        timeZone: z.string().min(1).max(100).optional().describe('Of the times that come back; UTC unless told'),
      }),
      output: z.object({ slots: z.array(z.object({ start: z.string() })) }),
      annotations: READS,
      run: async (query, { signal }) => ({ slots: [...(await cal.slots(query, { signal }))] }),
    }),
    defineMcpTool({
      name: 'list_bookings',
      title: 'List bookings',
      description: 'Lists bookings, of an address or a time where it is told. Changes nothing.',
      input: z.object({
        status: z.enum(['upcoming', 'past', 'cancelled', 'unconfirmed']).optional(),
        attendeeEmail: email.optional(),
        eventTypeId,
        from: moment.optional(),
        to: moment.optional(),
        limit,
      }),
      output: z.object({ bookings: z.array(booking) }),
      annotations: READS,
      run: async ({ limit: maxItems = 50, ...query }, { signal }) => ({
        bookings: (await all(cal.bookings({ ...query, maxItems }, { signal }))).map(mutable),
      }),
    }),
    defineMcpTool({
      name: 'book_slot',
      title: 'Book a slot',
      description: 'Books one of the slots for somebody, who is told of it. Only when the customer has asked for it.',
      input: z.object({
        eventTypeId,
        start: moment,
        attendee: z.object({
          name: z.string().min(1).max(200),
          email,
          timeZone: z.string().min(1).max(100).describe('Such as Europe/Paris'),
        }),
        guests: z.array(email).max(20).optional(),
        notes: z.string().min(1).max(2_000).optional(),
        idempotencyKey,
      }),
      output: booking,
      annotations: MAKES,
      run: async ({ idempotencyKey: key, ...request }, { signal }) =>
        mutable(await cal.book(request, writeOptions(signal, key))),
    }),
    defineMcpTool({
      name: 'cancel_booking',
      title: 'Cancel a booking',
      description:
        'Cancels a booking; the attendees are told. Only when the customer has said so. Doing it twice does no harm.',
      input: z.object({
        uid: z.string().regex(/^[\w-]{1,100}$/),
        reason: z.string().min(1).max(500).optional().describe('For the attendees'),
      }),
      output: booking,
      annotations: CANCELS,
      run: async (input, { signal }) => mutable(await cal.cancel(input, { signal })),
    }),
  ]
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

function mutable<Item extends { readonly attendees: readonly unknown[] }>(
  item: Item,
): Omit<Item, 'attendees'> & { attendees: Item['attendees'][number][] } {
  return { ...item, attendees: [...item.attendees] }
}
