import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const WRITER = fileURLToPath(new URL('harness/store-writer.ts', import.meta.url))
const HOLDFAST = fileURLToPath(new URL('../packages/server/src/bin/holdfast.ts', import.meta.url))
/** More of them by hand: `STORE_ROUNDS=50`. */
const ROUNDS = Number(process.env['STORE_ROUNDS'] ?? 3)
const ANN = { tenant: 'acme', user: 'ann' }

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the writers were promised, all rounds together. */
const kept = new Set<string>()

/** Lets a writer work, kills it, and notes what it had printed by then. @returns its process number */
async function runAndKill(directory: string, round: number): Promise<number | undefined> {
  const child = spawn(process.execPath, ['--conditions=holdfast-source', WRITER, directory, `k${round}`])
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = once(child, 'close')
  while (!output.includes('kept ')) {
    if (child.exitCode !== null) throw new Error(`the writer ended: ${errors}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const refused = openStore({ directory }).then(
    () => 'it was opened by two',
    (error: unknown) => String(error),
  )
  expect(await refused).toContain(`is open already: process ${child.pid},`)
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 300))
  child.kill('SIGKILL')
  await ended
  expect(child.signalCode, errors).toBe('SIGKILL')
  // What stands behind the last end of a line was cut off.
  for (const line of output.split('\n').slice(0, -1)) if (line.startsWith('kept ')) kept.add(line.slice(5))
  return child.pid
}

describe('a store inside the process', () => {
  it('whose process is killed again and again loses nothing that was confirmed, and keeps nothing by halves', async () => {
    const directory = join(folder, '.data', 'store')
    for (let round = 1; round <= ROUNDS; round += 1) {
      await runAndKill(directory, round)
      await using store = await openStore({ directory })
      const [clients, tickets] = await store.withClaims(ANN, async (tx) => [
        await tx.selectFrom('clients').select('name').execute(),
        await tx.selectFrom('tickets').select('id').execute(),
      ])
      const names = clients.map(({ name }) => name).toSorted()
      expect(tickets.map(({ id }) => id).toSorted()).toEqual(names)
      expect(new Set(names).size).toBe(names.length)
      expect([...kept].filter((name) => !names.includes(name))).toEqual([])
      // What was under way, one of each writer at most, may have been kept without a word.
      expect(names.length - kept.size).toBeLessThanOrEqual(4 * round)
    }
    expect(kept.size).toBeGreaterThan(ROUNDS)
  }, 300_000)

  it('is backed up and restored by commands', async () => {
    const command = (
      cwd: string,
      ...args: readonly string[]
    ): { readonly status: number | null; readonly said: string } => {
      const env = { PATH: process.env['PATH'] ?? '' }
      const ended = spawnSync(process.execPath, ['--conditions=holdfast-source', HOLDFAST, ...args], {
        cwd,
        env,
        encoding: 'utf8',
      })
      return { status: ended.status, said: ended.stdout + ended.stderr }
    }
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    expect(command(elsewhere, 'backup', 'x.jsonl')).toEqual({
      status: 1,
      said: 'There is no store in .data/store, and DATABASE_URL is not set.\n',
    })
    const backup = command(folder, 'backup', 'store.jsonl')
    expect(backup).toMatchObject({
      status: 0,
      said: expect.stringMatching(/^store\.jsonl: \d+ rows, \d+ bytes, of the store in /),
    })
    const restore = command(elsewhere, 'restore', join(folder, 'store.jsonl'))
    expect(restore).toMatchObject({ status: 0, said: expect.stringMatching(/^\d+ rows of 20\S+Z are restored\.$/m) })
    const again = command(elsewhere, 'restore', join(folder, 'store.jsonl'))
    expect(again).toMatchObject({ status: 1, said: expect.stringContaining('into an empty store only') })
    await using store = await openStore({ directory: join(elsewhere, '.data', 'store') })
    const names = await store.withClaims(ANN, (tx) => tx.selectFrom('clients').select('name').execute())
    expect([...kept].filter((name) => !names.some((row) => row.name === name))).toEqual([])
  }, 300_000)
})
