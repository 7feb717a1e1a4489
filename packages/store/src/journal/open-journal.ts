import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { createJournal } from './create-journal.ts'
import { cannotOpen, codeOf, locked } from './errors.ts'
import type { Damage } from './events.ts'
import { RecordIndex } from './index-of-records.ts'
import type { Journal, JournalOpening } from './journal.ts'
import { Log } from './log.ts'
import { type JournalOptions, type JournalSettings, settingsOf } from './options.ts'
import { recover, type Recovered } from './recover.ts'
import { Writer } from './writer.ts'

/** Where waiting does not help: somebody has to set this right. A full disk, or one that fails, is another matter. */
const SETUP_ERRORS: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR']

/**
 * Opens the journal in a directory, and makes it if there is none. What a crash left behind is put in order first; what was found is
 * in `opening`. On a disk that is full or fails it opens all the same: records can be read and handled, appends are refused.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openJournal } from '@holdfast/store/journal'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'journal-'))
 * const journal = await openJournal({ directory })
 * await journal.append({ kind: 'ticket', key: 'request-7', data: { text: 'The printer is on fire.' } })
 * // From here on it is on the disk, whatever happens.
 * await journal.replay(async ({ kind, key, data }) => console.log(kind, key, data))
 * await journal.close()
 * await rm(directory, { recursive: true })
 * ```
 * @throws HoldfastError `INVALID_OPTION`; `JOURNAL_LOCKED`: it is open already, here or in another process; `JOURNAL_NEWER`: a later version
 * wrote it; `JOURNAL_CANNOT_OPEN`: the directory cannot be made, read or written
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const settings = settingsOf(options)
  const { directory, clock, files } = settings
  const startedAt = clock.now()
  const release = await inOrder(directory, async () => {
    await files.makeDirectory(directory)
    return files.lock(join(directory, 'lock'))
  })
  if (release === undefined) throw locked(directory)
  try {
    const index = new RecordIndex(settings.rememberedKeys)
    const found = await inOrder(directory, () => recover(files, directory, index))
    const log = new Log(settings, index, found)
    const first = found.lastSequence + 1
    await log.write([], first, first).catch((error: unknown) => {
      const { cause } = error as { readonly cause?: unknown }
      if (SETUP_ERRORS.includes(codeOf(cause))) throw cannotOpen(directory, cause)
    })
    const opening = openingOf(found, log, index)
    tell(settings, opening, clock.now() - startedAt)
    return createJournal({ settings, index, log, writer: new Writer(log, first), opening, release })
  } catch (error) {
    release()
    throw error
  }
}

async function inOrder<T>(directory: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw HoldfastError.isInstance(error) ? error : cannotOpen(directory, error)
  }
}

function openingOf(found: Recovered, log: Log, index: RecordIndex): JournalOpening {
  const damage: Damage[] = found.doubtful.flatMap((one) =>
    one.damage.map((damage) => Object.freeze({ ...damage, ...log.keptAs(damage.file) })),
  )
  return Object.freeze({ pending: index.pending.size, tornBytes: found.tornBytes, damage: Object.freeze(damage) })
}

function tell({ events, clock, name }: JournalSettings, opening: JournalOpening, durationMs: number): void {
  if (events?.active !== true) return
  const common = { at: clock.wallTime(), journal: name }
  for (const damage of opening.damage) events.emit({ type: 'journal-damaged', ...common, ...damage })
  const { pending, tornBytes } = opening
  events.emit({ type: 'journal-opened', ...common, pending, tornBytes, durationMs })
}
