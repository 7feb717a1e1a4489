import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { createIntake } from '@holdfast/store/intake'
import { openJournal } from '@holdfast/store/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled } from './harness/bundled.ts'
import type { Bundled } from './harness/bundled.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import type { PostgresServer } from './services/postgres-server.ts'
import { newTenant } from './store/conformance.ts'

/** 200 with those below. More of them by hand: `INTAKE_ROUNDS=1000`; others: `INTAKE_SEED=7`. */
const ROUNDS = Number(process.env['INTAKE_ROUNDS'] ?? 194)
const PGLITE_ROUNDS = 6
const SEED = Number(process.env['INTAKE_SEED'] ?? 20_261_126)
/** Writers at once, each with a journal and tenants of its own. */
const WRITERS = 3
const TENANTS = 4
const LONGEST_MS = 6_000

let folder = ''
let writer: Bundled

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-intake-'))
  writer = await bundled(new URL('store/intake-writer.ts', import.meta.url))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await writer?.remove()
})

/** What writers were promised. */
interface Promised {
  readonly ids: Map<string, string>
  readonly where: { store: number; journal: number }
}

/** Lets a writer work for a time, kills it, and notes what it had printed by then. @param isLong whether it lives at least until the store has taken something, or for six seconds. */
async function runAndKill(
  args: readonly string[],
  lifeMs: number,
  promised: Promised,
  isLong: boolean = false,
): Promise<void> {
  const child = spawn(process.execPath, [writer.path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  let heardReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (heardReady = resolve))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.includes('ready\n')) heardReady()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = once(child, 'close')
  await Promise.race([ready, ended])
  const longest = performance.now() + LONGEST_MS
  while (isLong && !output.includes(' store ') && performance.now() < longest) await sleep(10)
  await sleep(lifeMs)
  child.kill('SIGKILL')
  await ended
  expect(child.signalCode, errors).toBe('SIGKILL')
  // What stands behind the last end of a line was cut off.
  for (const line of output.split('\n').slice(0, -1)) {
    const [what, key = '', where = '', id = ''] = line.split(' ')
    if (what !== 'kept') continue
    promised.ids.set(key, id)
    promised.where[where as 'store' | 'journal'] += 1
  }
}

/** Brings over what waits, and looks whether each promise was kept, once. @returns how many rows there are. */
async function check(
  store: Store,
  journalDirectory: string,
  tenants: readonly string[],
  promised: Promised,
): Promise<number> {
  const journal = await openJournal({ directory: journalDirectory, segmentBytes: 32_768, rememberedKeys: 50 })
  expect(journal.opening.damage).toEqual([])
  const intake = createIntake({ store, journal, retryDelayMs: 10 })
  await expect.poll(() => intake.status().waiting, { timeout: 30_000 }).toBe(0)
  expect(await intake.setAside()).toEqual([])
  await intake.close()
  await journal.close()
  const found: { readonly id: string; readonly details: Readonly<Record<string, unknown>> }[] = []
  for (const tenant of tenants) {
    await store.asWorker(tenant, async (transaction) => {
      for (const table of ['leads', 'tickets'] as const)
        found.push(...(await transaction.selectFrom(table).select(['id', 'details']).execute()))
    })
  }
  const ids = new Map(found.map(({ id, details }) => [String(details['key']), id]))
  expect(ids.size, 'none is there twice').toBe(found.length)
  const missing = [...promised.ids].filter(([key, id]) => ids.get(key) !== id)
  expect(missing, 'each that was acknowledged is there').toEqual([])
  return found.length
}

function newTenants(store: Store): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: TENANTS }, () => newTenant(store)))
}

function promises(): Promised {
  return { ids: new Map(), where: { store: 0, journal: 0 } }
}

describe('an intake whose process is killed again and again', () => {
  it.skipIf(POSTGRES === '')(
    `loses and doubles nothing in ${ROUNDS} rounds, while its server goes away and comes back`,
    async () => {
      const random = seededRandom(SEED)
      const server = await startPostgres()
      try {
        const url = await server.newDatabase()
        const first = await openStore({ url })
        const tenants = await Promise.all(Array.from({ length: WRITERS }, () => newTenants(first)))
        await first.close()
        const all = tenants.map(() => promises())
        let round = 0
        const writers = tenants.map(async (own, index) => {
          while (round < ROUNDS) {
            round += 1
            const args = [url, join(folder, `journal-${index}`), String(SEED + round), ...own]
            await runAndKill(args, random() * 150, all[index]!, round % 4 === 0)
          }
        })
        const outages = await withOutages(server, random, Promise.all(writers))
        const store = await openStore({ url })
        let rows = 0
        try {
          for (const [index, own] of tenants.entries())
            rows += await check(store, join(folder, `journal-${index}`), own, all[index]!)
        } finally {
          await store.close()
        }
        const sum = (where: 'store' | 'journal'): number => all.reduce((sum, one) => sum + one.where[where], 0)
        console.log(
          `seed ${SEED}, ${round} kills, ${outages} outages: acknowledged ${sum('store')} in the store and ${sum('journal')} in the journal, ${rows} rows`,
        )
        expect(round).toBeGreaterThanOrEqual(ROUNDS)
        expect(sum('store')).toBeGreaterThan(ROUNDS / 10)
        expect(sum('journal')).toBeGreaterThan(ROUNDS / 10)
        expect(outages).toBeGreaterThan(5)
      } finally {
        await server.stop()
      }
    },
    Math.max(120_000, ROUNDS * 1_000),
  )

  it(`loses and doubles nothing in ${PGLITE_ROUNDS} rounds over an embedded store that fails now and then`, async () => {
    const random = seededRandom(SEED)
    const directory = join(folder, 'store')
    const journalDirectory = join(folder, 'journal-embedded')
    const first = await openStore({ directory })
    const tenants = await newTenants(first)
    await first.close()
    const promised = promises()
    for (let round = 0; round < PGLITE_ROUNDS; round += 1)
      await runAndKill([directory, journalDirectory, String(SEED + round), ...tenants], random() * 400, promised, true)
    const store = await openStore({ directory })
    try {
      await check(store, journalDirectory, tenants, promised)
    } finally {
      await store.close()
    }
    expect(promised.where.store).toBeGreaterThan(PGLITE_ROUNDS / 3)
    expect(promised.where.journal).toBeGreaterThan(PGLITE_ROUNDS / 3)
  }, 120_000)
})

/** Takes the server away and brings it back until the work is done. @returns how often. */
async function withOutages(server: PostgresServer, random: () => number, work: Promise<unknown>): Promise<number> {
  const done = new AbortController()
  const settled = work.finally(() => done.abort())
  let outages = 0
  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal: done.signal }).catch(() => undefined)
  const outage = async (): Promise<void> => {
    while (!done.signal.aborted) {
      await pause(200 + random() * 1_000)
      await server.kill()
      outages += 1
      await pause(50 + random() * 300)
      await server.start()
    }
  }
  await Promise.all([settled, outage()])
  return outages
}
