import { createEvents } from '@holdfast/core'
import { type EventRecord, type FakeClock, fakeClock, recordEvents } from '@holdfast/core/testing'
import {
  type Journal,
  type JournalEvent,
  type JournalOptions,
  type JournalRecord,
  openJournal,
} from '../src/journal/index.ts'
import { DIRECTORY, type MemoryFiles, memoryFiles } from './memory-files.ts'

/** A journal in memory, with its clock and what it reported. */
export interface Opened {
  readonly journal: Journal
  readonly files: MemoryFiles
  readonly clock: FakeClock
  readonly events: EventRecord<JournalEvent>
}

export async function open(files: MemoryFiles = memoryFiles(), options: Partial<JournalOptions> = {}): Promise<Opened> {
  const clock = fakeClock()
  const channel = createEvents<JournalEvent>()
  const events = recordEvents(channel)
  const journal = await openJournal({ directory: DIRECTORY, files, clock, events: channel, ...options })
  return { journal, files, clock, events }
}

/** What it rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it resolved')
    },
    (error: unknown) => error,
  )
}

/** The keys of the records that wait. */
export async function waiting(journal: Journal): Promise<string[]> {
  return (await recordsOf(journal)).map(({ key }) => key)
}

/** The records that wait. */
export async function recordsOf(journal: Journal): Promise<JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const record of journal.pending()) records.push(record)
  return records
}

export function ticket(key: string, data: unknown = { key }): { kind: string; key: string; data: unknown } {
  return { kind: 'ticket', key, data }
}
