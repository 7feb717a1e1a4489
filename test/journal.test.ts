import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJournal, type Journal } from '@holdfast/store/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const WRITER = fileURLToPath(new URL('harness/journal-writer.ts', import.meta.url))
/** More of them by hand: `JOURNAL_ROUNDS=200`. */
const ROUNDS = Number(process.env['JOURNAL_ROUNDS'] ?? 20)

let directory = ''
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'holdfast-journal-'))))
afterAll(() => rm(directory, { recursive: true, force: true }))

/** What the writers were promised, all rounds together. */
const kept = new Map<string, number>()
const marked = new Set<number>()
const perhapsMarked = new Set<number>()

/** Lets a writer work, kills it, and notes what it had printed by then. */
async function runAndKill(round: number): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=holdfast-source', WRITER, directory, `k${round}`])
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = once(child, 'close')
  while (!output.includes('ready\n')) {
    if (child.exitCode !== null) throw new Error(`the writer ended: ${errors}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
  child.kill('SIGKILL')
  await ended
  expect(child.signalCode, errors).toBe('SIGKILL')
  note(output)
}

function note(output: string): void {
  let marking: number | undefined
  // What stands behind the last end of a line was cut off.
  for (const line of output.split('\n').slice(0, -1)) {
    const [what, first = '', second] = line.split(' ')
    if (what === 'kept') {
      expect(kept.get(first), `${first} is kept once`).toBeUndefined()
      kept.set(first, Number(second))
    } else if (what === 'marking') {
      // A replay goes on only when the mark before is on the disk.
      if (marking !== undefined) marked.add(marking)
      marking = Number(first)
      expect(marked.has(marking), `${marking} was handled, and came again`).toBe(false)
      perhapsMarked.add(marking)
    }
  }
}

/** So that there is as much to look at in the last round as in the first. */
async function handleMost(journal: Journal, found: ReadonlyMap<string, number>): Promise<void> {
  const numbers = [...found.values()].filter((sequence) => sequence % 40 !== 0)
  await Promise.all(numbers.map((sequence) => journal.done(sequence)))
  for (const sequence of numbers) {
    marked.add(sequence)
    perhapsMarked.add(sequence)
  }
}

describe('a journal', () => {
  it(
    'whose process is killed again and again loses nothing and doubles nothing',
    async () => {
      let whole = 0
      for (let round = 1; round <= ROUNDS; round += 1) {
        await runAndKill(round)
        const journal = await openJournal({ directory, segmentBytes: 32_768, rememberedKeys: 50 })
        expect(journal.opening.damage).toEqual([])
        const found = new Map<string, number>()
        let last = 0
        for await (const { sequence, key, data } of journal.pending()) {
          expect(found.has(key), `${key} is there once`).toBe(false)
          expect(sequence).toBeGreaterThan(last)
          expect((data as { key: string }).key).toBe(key)
          expect(marked.has(sequence), `${sequence} was handled, and is back`).toBe(false)
          found.set(key, sequence)
          last = sequence
        }
        for (const [key, sequence] of kept) {
          if (perhapsMarked.has(sequence)) continue
          expect(found.get(key), `${key} was promised in round ${round} or before`).toBe(sequence)
          whole += 1
        }
        expect(new Set(kept.values()).size, 'no number is given twice').toBe(kept.size)
        await handleMost(journal, found)
        await journal.close()
      }
      console.log(`${ROUNDS} kills: ${kept.size} promised, ${marked.size} handled, ${whole} looked up`)
      expect(kept.size).toBeGreaterThan(ROUNDS * 5)
      expect(marked.size).toBeGreaterThan(ROUNDS)
    },
    Math.max(60_000, ROUNDS * 6_000),
  )
})
