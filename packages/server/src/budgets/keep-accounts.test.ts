import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBudgets } from '@holdfast/ai'
import type { BudgetLimit } from '@holdfast/ai'
import { fakeClock } from '@holdfast/core/testing'
import { openValues } from '@holdfast/store/values'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { keepAccounts } from './keep-accounts.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-budgets-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const EACH: BudgetLimit = { name: 'each', per: ['tenant'], period: 'month', maxCost: 10 }

/** What one process has, on a clock of its own. */
async function start(directory: string, limits: readonly BudgetLimit[] = [EACH], wallTime?: number) {
  const clock = fakeClock({ wallTime })
  const log = fakeLog()
  const budgets = createBudgets({ limits, clock })
  const kept = await keepAccounts({ budgets, directory, log, clock })
  let isClosed = false
  const stop = async (): Promise<void> => {
    if (!isClosed) await kept.close()
    isClosed = true
  }
  ends.push(stop)
  const reserve = (tenant: string, cost: number) => budgets.reserve({ tenant }, { cost, tokens: 1, requests: 1 })
  const spend = (tenant: string, cost: number): void => reserve(tenant, cost).settle({ cost, tokens: 1, requests: 1 })
  const hasRoom = (tenant: string, cost: number): boolean =>
    budgets.hasRoom({ tenant }, { cost, tokens: 1, requests: 1 })
  return { clock, log, budgets, kept, stop, reserve, spend, hasRoom }
}

/** What the file says of a tenant: what is used and set aside together. */
async function onDisk(directory: string, tenant: string): Promise<number | undefined> {
  const lines = (await readFile(join(directory, 'values.log'), 'utf8')).split('\n')
  const last = lines.findLast((line) => line.includes(`"of":{"tenant":"${tenant}"}`))
  return last === undefined ? undefined : Number(/"slices":\[\{"startsAt":\d+,"cost":([\d.]+)/.exec(last)?.[1])
}

describe('the accounts of budgets', () => {
  it('go on where they were after a stop, with what was set aside as used', async () => {
    const directory = await newDirectory()
    const before = await start(directory)
    before.spend('acme', 6)
    before.reserve('acme', 3)
    await before.stop()
    const after = await start(directory)
    expect([after.hasRoom('acme', 1), after.hasRoom('acme', 1.5), after.hasRoom('globex', 10)]).toEqual([
      true,
      false,
      true,
    ])
    expect(after.log.lines).toContainEqual(expect.objectContaining({ level: 'info', fields: { accounts: 1 } }))
    expect(after.kept.isKept).toBe(true)
  })

  it('are on the disk at once after a silence, and then once in a second', async () => {
    const directory = await newDirectory()
    const { clock, reserve, spend } = await start(directory)
    await clock.advance(1_000)
    const reservation = reserve('acme', 5)
    await clock.advance(0)
    await expect.poll(() => onDisk(directory, 'acme')).toBe(5)
    await expect.poll(() => clock.settle().then(() => clock.pending)).toBe(0)
    reservation.settle({ cost: 1, tokens: 1, requests: 1 })
    spend('acme', 1)
    // The write before may not have ended, which is when the second begins.
    await expect.poll(() => clock.settle().then(() => clock.pending)).toBe(1)
    await clock.advance(999)
    expect(await onDisk(directory, 'acme')).toBe(5)
    await clock.advance(1)
    await expect.poll(() => onDisk(directory, 'acme')).toBe(2)
    // Nobody waits for anything where nothing changes.
    await expect.poll(() => clock.settle().then(() => clock.pending)).toBe(0)
  })

  it('of a period that is over, or of a limit that is another one now, are left out', async () => {
    const directory = await newDirectory()
    const before = await start(directory, [EACH, { ...EACH, name: 'other' }])
    before.spend('acme', 10)
    await before.stop()
    const now = before.clock.wallTime()
    const other = await start(directory, [EACH, { ...EACH, name: 'other', period: 'week' }])
    expect(other.budgets.snapshot().accounts.map(({ budget }) => budget)).toEqual(['each'])
    await other.stop()
    const later = await start(directory, [EACH], now + 31 * 86_400_000)
    expect(later.hasRoom('acme', 10)).toBe(true)
    await later.stop()
    expect(await onDisk(directory, 'acme')).toBeUndefined()
  })

  it('are as good as can be after damage, which is said, and the file is kept', async () => {
    const directory = await newDirectory()
    const before = await start(directory)
    before.spend('acme', 10)
    before.spend('globex', 10)
    await before.stop()
    const path = join(directory, 'values.log')
    const damaged = (await readFile(path, 'utf8')).replace('"of":{"tenant":"acme"}', '"of":{"tenant":"acne"}')
    await writeFile(path, damaged)
    const after = await start(directory)
    expect([after.hasRoom('acme', 1), after.hasRoom('globex', 1)]).toEqual([true, false])
    expect(after.log.lines).toMatchObject([{ level: 'error', fields: { keptAs: 'values.damaged-1', accounts: 1 } }])
    expect(await readFile(join(directory, 'values.damaged-1'), 'utf8')).toBe(damaged)
  })

  it('are never taken from a file that holds something else, which is said and kept', async () => {
    const directory = await newDirectory()
    const foreign = await openValues({ directory })
    const values = [['a', { budget: 'each', of: { tenant: 'acme' }, slices: 'all' }]] as const
    await foreign.write({ changed: values, all: () => values })
    await foreign.close()
    const { log, kept } = await start(directory)
    expect(log.lines).toMatchObject([{ level: 'error', fields: { keptAs: 'values.damaged-1', unusable: 1 } }])
    expect(kept.isKept).toBe(true)
    expect(await readdir(directory)).toContain('values.damaged-1')
  })

  it('are in memory while another process has the directory, and come together when it is free', async () => {
    const directory = await newDirectory()
    const first = await start(directory)
    first.spend('acme', 4)
    const second = await start(directory)
    expect(second.kept.isKept).toBe(false)
    expect(second.log.lines).toMatchObject([{ level: 'error', fields: { code: 'VALUES_LOCKED' } }])
    second.spend('acme', 5)
    await first.stop()
    await second.clock.advance(5_000)
    await expect.poll(() => second.kept.isKept).toBe(true)
    expect([second.hasRoom('acme', 1), second.hasRoom('acme', 1.5)]).toEqual([true, false])
    expect(second.log.lines.at(-1)?.message).toContain('kept on the disk from here on')
    await second.stop()
    expect(await onDisk(directory, 'acme')).toBe(9)
  })

  it('answer from memory while the disk takes nothing, which is said once, and are kept when it does again', async () => {
    const directory = join(await newDirectory(), 'budgets')
    const { clock, log, kept, spend, stop } = await start(directory)
    await rm(directory, { recursive: true })
    for (let round = 0; round < 3; round++) {
      spend('acme', 1)
      await clock.advance(10_000)
      await expect.poll(() => kept.isKept).toBe(false)
    }
    expect(log.lines.map(({ level, fields }) => [level, fields['code']])).toEqual([['error', 'VALUES_WRITE_FAILED']])
    await mkdir(directory)
    await expect.poll(() => clock.advance(10_000).then(() => kept.isKept)).toBe(true)
    expect(log.lines.at(-1)).toMatchObject({ level: 'info' })
    await stop()
    expect(await onDisk(directory, 'acme')).toBe(3)
  })
})
