import { fakeClock } from '@holdfast/core/testing'
import { openJournal, type Journal, type JournalOptions, type JournalRecord } from '../src/journal/index.ts'
import { DIRECTORY, type MemoryFiles } from './memory-files.ts'
import { recordsOf } from './open.ts'

/** One thing that is done to a journal. Those of one step run at once. */
export type Action =
  | { readonly do: 'append'; readonly key: number; readonly size: number }
  | { readonly do: 'done'; readonly key: number }
  | { readonly do: 'replay' }
  | { readonly do: 'reopen' }

const SMALL: Pick<JournalOptions, 'segmentBytes' | 'rememberedKeys' | 'retryAfterFailureMs'> = {
  segmentBytes: 1_024,
  rememberedKeys: 3,
  retryAfterFailureMs: 0,
}

/** What somebody who uses a journal knows of it: what was promised, and what was tried. */
export class JournalModel {
  /** The numbers that were told, by key. */
  readonly #promised = new Map<number, number>()
  /** The sizes of what was appended, by key, whatever came of it. */
  readonly #tried = new Map<number, number>()
  readonly #handledForSure = new Set<number>()
  readonly #perhapsHandled = new Set<number>()

  static open(files: MemoryFiles, options: Partial<JournalOptions> = {}): Promise<Journal> {
    return openJournal({ directory: DIRECTORY, files, clock: fakeClock(), ...SMALL, ...options })
  }

  /** Does it, and notes what it was told. Failures are part of the game. */
  async run(files: MemoryFiles, steps: readonly (readonly Action[])[]): Promise<void> {
    let journal = await JournalModel.open(files)
    for (const step of steps) {
      if (step.some((action) => action.do === 'reopen')) {
        await journal.close()
        journal = await JournalModel.open(files)
      }
      await Promise.all(step.map((action) => this.#act(journal, action).catch(() => undefined)))
    }
    await journal.close()
  }

  /** Opens the journal on this disk, and says in which ways it is not what was promised. Leaves it closed, and as it was. */
  async problems(files: MemoryFiles): Promise<readonly string[]> {
    const problems: string[] = []
    const journal = await JournalModel.open(files)
    const found = await recordsOf(journal)
    let last = 0
    const seen = new Set<number>()
    for (const record of found) {
      const key = Number(record.key)
      problems.push(...this.#wrongWith(key, record))
      if (seen.has(key)) problems.push(`${key} is there twice`)
      if (record.sequence <= last) problems.push(`${key} is out of order`)
      last = record.sequence
      seen.add(key)
    }
    for (const [key, sequence] of this.#promised) {
      if (!this.#perhapsHandled.has(key) && !seen.has(key)) problems.push(`${key} was promised, and is gone`)
      last = Math.max(last, sequence)
    }
    const { kind, key, data, sequence } = found[0] ?? { kind: 'ticket', key: 'new', data: 1, sequence: 0 }
    const again = await journal.append({ kind, key, data })
    if (again.repeated ? again.sequence !== sequence : again.sequence <= last) problems.push('a number was given twice')
    if (!again.repeated) await journal.done(again.sequence)
    await journal.close()
    return problems
  }

  #wrongWith(key: number, { sequence, data }: JournalRecord): readonly string[] {
    const size = this.#tried.get(key)
    if (size === undefined) return [`${key} was never appended`]
    const problems: string[] = []
    const promised = this.#promised.get(key)
    if (JSON.stringify(data) !== JSON.stringify(dataOf(key, size))) problems.push(`${key} is not whole`)
    if (promised !== undefined && promised !== sequence) problems.push(`${key} has another number than was told`)
    if (this.#handledForSure.has(key)) problems.push(`${key} was handled, and is back`)
    return problems
  }

  async #act(journal: Journal, action: Action): Promise<void> {
    if (action.do === 'append') {
      const { key } = action
      // Once its key is forgotten, appending a handled record again makes another one.
      if (this.#perhapsHandled.has(key)) return
      // The same key means the same thing.
      const size = this.#tried.get(key) ?? action.size
      this.#tried.set(key, size)
      const { sequence } = await journal.append({ kind: 'ticket', key: String(key), data: dataOf(key, size) })
      this.#promised.set(key, sequence)
    } else if (action.do === 'done') {
      const sequence = this.#promised.get(action.key)
      if (sequence === undefined) return
      this.#perhapsHandled.add(action.key)
      await journal.done(sequence)
      this.#handledForSure.add(action.key)
    } else if (action.do === 'replay') {
      const started: number[] = []
      await journal.replay(({ key }) => {
        started.push(Number(key))
        this.#perhapsHandled.add(Number(key))
      })
      for (const key of started) this.#handledForSure.add(key)
    }
  }
}

function dataOf(key: number, size: number): unknown {
  return { key, text: `é"\n${'x'.repeat(size)}` }
}
