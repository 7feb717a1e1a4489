import type { StoreEvent } from '../emergency/emergency-desk.ts'
import type { Log } from '../http/context.ts'

/** What is said of the tickets' journal and their delivery, and how loudly. What is not listed is for debugging. */
const LINES: Partial<Record<StoreEvent['type'], readonly ['error' | 'warn' | 'info', string]>> = {
  'delivery-succeeded': ['info', 'a ticket was delivered'],
  'delivery-failed': ['warn', 'a ticket could not be delivered, and is sent again'],
  'delivery-given-up': ['error', 'a ticket is refused, and not sent again before the next start'],
  'journal-damaged': ['error', 'tickets on disk are damaged'],
  'journal-full': ['error', 'a ticket was not kept: too many wait to be delivered'],
  'journal-write-failed': ['error', 'the disk does not take tickets'],
  'journal-write-recovered': ['info', 'the disk takes tickets again'],
}

/** Writes a line for each event of the tickets' journal and their delivery. */
export function logStoreEvent(log: Log, { at: _, ...event }: StoreEvent): void {
  const [level, message] = LINES[event.type] ?? ['debug', event.type]
  const { type, ...fields } = event
  log[level]({ event: type, ...fields }, message)
}
