import type { JobJournal } from '@holdfast/agents/jobs'
import { openJournal } from '@holdfast/store/journal'
import type { Journal } from '@holdfast/store/journal'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'

/** A journal that need not be open yet. */
export interface JobsJournal extends JobJournal {
  close(): Promise<void>
}

/**
 * The journal that takes jobs while their queue is away. It is opened when it is first asked for; where that fails, since another process has it, it is tried again at each use, and what waits in it is not known until
 * then.
 */
export function jobsJournal(directory: string, log: Log): JobsJournal {
  let journal: Journal | undefined
  let opening: Promise<Journal> | undefined
  let hasFailed = false
  const opened = (): Promise<Journal> => (opening ??= open())

  async function open(): Promise<Journal> {
    try {
      return (journal = await openJournal({ directory, name: 'jobs' }))
    } catch (error) {
      opening = undefined
      if (!hasFailed)
        log.error(describeFailure(error), 'no job is taken while the queue is away: the journal cannot be opened now')
      hasFailed = true
      throw error
    }
  }

  return {
    append: async (record) => (await opened()).append(record),
    replay: async (handler, options) => (await opened()).replay(handler, options),
    // Something may be in it.
    snapshot: () => ({ pending: journal?.snapshot().pending ?? 1 }),
    async close() {
      await opening?.catch(() => undefined)
      await journal?.close()
    },
  }
}
