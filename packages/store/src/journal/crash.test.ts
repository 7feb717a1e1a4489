import { seededRandom } from '@holdfast/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, JournalModel } from '../../test/journal-model.ts'
import { memoryFiles, type MemoryFiles } from '../../test/memory-files.ts'

const append = (key: number, size = 20): Action => ({ do: 'append', key, size })
const done = (key: number): Action => ({ do: 'done', key })

/** New segments, moved records, forgotten keys, and an end in order. */
const STORY: readonly (readonly Action[])[] = [
  [append(1), append(2), append(1)],
  [append(3, 400), done(2)],
  [append(4, 200), append(5)],
  [done(3), done(5), append(6)],
  [{ do: 'reopen' }],
  [done(4), append(7)],
  [append(8, 300), done(7)],
  [done(8), append(9)],
  [{ do: 'replay' }, append(10)],
  [append(11), done(10)],
]

/** Does what it can until the disk is gone. */
async function runUntilCrash(model: JournalModel, files: MemoryFiles, steps: typeof STORY): Promise<void> {
  await model.run(files, steps).catch(() => undefined)
}

async function costOf(steps: typeof STORY): Promise<number> {
  const files = memoryFiles()
  await new JournalModel().run(files, steps)
  return files.spent
}

describe('a journal whose process ends at any moment', () => {
  it('has everything that was promised, once, whole and in order, wherever in the story it is killed', async () => {
    const cost = await costOf(STORY)
    expect(cost).toBeGreaterThan(3_000)
    for (let crash = 0; crash <= cost; crash += 1) {
      const files = memoryFiles()
      const model = new JournalModel()
      files.crashAt(crash)
      await runUntilCrash(model, files, STORY)
      const left = files.afterKill()
      expect(await model.problems(left), `at ${crash}`).toEqual([])
    }
  }, 120_000)

  it('has it also when the power goes, with what was not synced half there, or zeros', async () => {
    const cost = await costOf(STORY)
    const random = seededRandom(11)
    for (let crash = 0; crash <= cost; crash += 3) {
      const files = memoryFiles()
      const model = new JournalModel()
      files.crashAt(crash)
      await runUntilCrash(model, files, STORY)
      const left = files.afterPowerLoss(random)
      expect(await model.problems(left), `at ${crash}`).toEqual([])
    }
  }, 120_000)

  it('has it after any story with several ends, short writes and a disk that fails now and then', async () => {
    const key = fc.integer({ min: 1, max: 12 })
    const action: fc.Arbitrary<Action> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('append' as const), key, size: fc.integer({ min: 0, max: 500 }) }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('done' as const), key }) },
      { weight: 1, arbitrary: fc.constant({ do: 'replay' } as const) },
      { weight: 1, arbitrary: fc.constant({ do: 'reopen' } as const) },
    )
    const life = fc.record({
      steps: fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
      crash: fc.integer({ min: 0, max: 8_000 }),
      longestWrite: fc.constantFrom(Infinity, 100, 7),
      fails: fc.option(
        fc.record({
          step: fc.constantFrom('create', 'write', 'sync', 'rename', 'remove', 'syncDirectory', 'truncate', 'open'),
          times: fc.integer({ min: 1, max: 4 }),
        }),
      ),
      end: fc.constantFrom('kill', 'power'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), fc.integer(), async (lives, seed) => {
        const random = seededRandom(seed)
        const model = new JournalModel()
        let files = memoryFiles()
        for (const { steps, crash, longestWrite, fails, end } of lives) {
          files.crashAt(crash)
          files.limitWrites(longestWrite)
          if (fails !== null) files.fail(fails.step, 'EIO', fails.times)
          await runUntilCrash(model, files, steps)
          files = end === 'kill' ? files.afterKill() : files.afterPowerLoss(random)
        }
        expect(await model.problems(files)).toEqual([])
        // The first look has put everything in order.
        const journal = await JournalModel.open(files)
        expect(journal.opening).toMatchObject({ tornBytes: 0, damage: [] })
      }),
      { numRuns: 400 },
    )
  }, 120_000)
})
