import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStore, newTenant } from './conformance.ts'
import { describeIntake } from './intake.ts'
import { describeOwnRequests } from './own-requests.ts'

describeStore(
  'PGlite',
  () => openStore(),
  async (store, text) => (await store.embedded!.exec(text)).flatMap(({ rows }) => rows),
)
describeIntake('PGlite', () => openStore())
describeOwnRequests('PGlite', () => openStore())

describe('the embedded store', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-pglite-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has its directory for itself, and finds everything there again', async () => {
    const directory = join(folder, 'own')
    const first = await openStore({ directory })
    const tenant = await newTenant(first)
    await expect(openStore({ directory })).rejects.toMatchObject({ code: 'STORE_LOCKED', category: 'configuration' })
    await first.close()
    const second = await openStore({ directory })
    try {
      expect(second.migrated.applied).toEqual([])
      const tenants = await second.asWorker(tenant, (transaction) =>
        transaction.selectFrom('tenants').select('id').execute(),
      )
      expect(tenants).toEqual([{ id: tenant }])
    } finally {
      await second.close()
    }
  }, 60_000)

  it('goes on while a backup is made, which has everything as it was at one moment', async () => {
    const directory = join(folder, 'backed-up')
    const store = await openStore({ directory })
    const tenant = await newTenant(store)
    await store.embedded!.exec(
      `insert into holdfast.leads (tenant, source) select '${tenant}', 'early-' || n from generate_series(1, 30000) n`,
    )
    try {
      const path = join(folder, 'backed-up.gz')
      const waits: number[] = []
      let pairs = 0
      let isOver = false
      const begunAt = performance.now()
      const backup = store.backup(path).finally(() => (isOver = true))
      while (!isOver) {
        const at = performance.now()
        await store.asWorker(tenant, async (transaction) => {
          for (const half of ['left', 'right'])
            await transaction
              .insertInto('leads')
              .values({ source: `${half}-${pairs}` })
              .execute()
        })
        pairs += 1
        waits.push(performance.now() - at)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      const { rows } = await backup
      const tookMs = performance.now() - begunAt
      expect(pairs).toBeGreaterThan(10)
      // In the way of the backup, one of them would have waited for nearly all of it.
      expect(Math.max(...waits)).toBeLessThan(tookMs / 3)
      expect(await readdir(join(directory, 'copies'))).toEqual([])

      const other = await openStore()
      try {
        await other.restore(path)
        const sources = await other.asWorker(tenant, (transaction) =>
          transaction.selectFrom('leads').select('source').execute(),
        )
        expect(sources).toHaveLength(rows['leads']!)
        const late = sources.map(({ source }) => source.split('-')).filter(([kind]) => kind !== 'early')
        expect(sources.length - late.length).toBe(30_000)
        const numbers = (kind: string): string[] => late.filter(([each]) => each === kind).map(([, number]) => number!)
        expect(numbers('left')).toEqual(numbers('right'))
        // Those of before the moment, and none of after it.
        expect(numbers('left')).toEqual(numbers('left').map((_, index) => String(index)))
        expect(late.length / 2).toBeLessThan(pairs)
      } finally {
        await other.close()
      }
    } finally {
      await store.close()
    }
  }, 240_000)

  it('has all that was committed after a process was killed in the midst of its work', async () => {
    const directory = join(folder, 'killed')
    const first = await openStore({ directory })
    const tenant = await newTenant(first)
    await first.close()
    const committed: number[] = []
    for (let round = 0; round < 3; round++) {
      const writer = spawn(
        process.execPath,
        [
          '--conditions=holdfast-source',
          fileURLToPath(new URL('writer.ts', import.meta.url)),
          directory,
          tenant,
          String(round),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      writer.on('exit', () => resolve())
      let text = ''
      writer.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.split('\n').length > 20 + round * 7) writer.kill('SIGKILL')
      })
      await ended
      // What is cut off at the end had not been said yet.
      committed.push(...text.slice(0, text.lastIndexOf('\n')).split('\n').map(Number))
    }
    expect(committed.length).toBeGreaterThan(60)
    const last = await openStore({ directory })
    try {
      const rows = await last.asWorker(tenant, (transaction) =>
        transaction.selectFrom('leads').select('source').execute(),
      )
      const kept = new Set(rows.map(({ source }) => Number(source)))
      expect(committed.filter((number) => !kept.has(number))).toEqual([])
      // Both rows of a transaction, or neither.
      const events = await last.asWorker(tenant, (transaction) =>
        transaction.selectFrom('outbox').select('event').execute(),
      )
      expect(events).toHaveLength(rows.length)
    } finally {
      await last.close()
    }
  }, 90_000)
})
