import { seededRandom } from '@holdfast/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, JournalModel } from '../../test/journal-model.ts'
import { memoryFiles, type MemoryFiles } from '../../test/memory-files.ts'

type Story = readonly (readonly Action[])[]

const append = (key: number, size = 20): Action => ({ do: 'append', key, size })
const done = (key: number): Action => ({ do: 'done', key })

/** A first file and a second one, marks, and an end in order. */
const SHORT: Story = [
  [append(1), append(2), append(1)],
  [append(3, 300), done(2)],
  [done(1), append(4)],
  [done(3)],
  [append(5)],
]

/** Also records that are moved, keys that are forgotten, and another beginning. */
const LONG: Story = [
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

/** Plays the story as far as it goes until the disk is gone. */
async function playUntilCrash(model: JournalModel, files: MemoryFiles, story: Story): Promise<void> {
  await model.run(files, story).catch(() => undefined)
}

/** Ends the story at each step and byte of it, or at every so many, and says what is wrong with what is left. */
async function problemsAnywhere(
  story: Story,
  every: number,
  left: (files: MemoryFiles) => MemoryFiles,
): Promise<readonly string[]> {
  const whole = memoryFiles()
  await new JournalModel().run(whole, story)
  expect(whole.names().at(-1), 'it goes on in another file').not.toBe('000000000001.log')
  const problems: string[] = []
  for (let crash = 0; crash <= whole.spent; crash += every) {
    const files = memoryFiles()
    const model = new JournalModel()
    files.crashAt(crash)
    await playUntilCrash(model, files, story)
    const found = await model.problems(left(files))
    problems.push(...found.map((problem) => `at ${crash}: ${problem}`))
  }
  return problems
}

describe('a journal whose process ends at any moment', () => {
  it('has everything that was promised, once, whole and in order, at whichever byte it is killed', async () => {
    expect(await problemsAnywhere(SHORT, 1, (files) => files.afterKill())).toEqual([])
    expect(await problemsAnywhere(LONG, 11, (files) => files.afterKill())).toEqual([])
  }, 120_000)

  it('has it also when the power goes, with what was not synced half there, or zeros', async () => {
    const random = seededRandom(11)
    expect(await problemsAnywhere(LONG, 11, (files) => files.afterPowerLoss(random))).toEqual([])
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
          await playUntilCrash(model, files, steps)
          files = end === 'kill' ? files.afterKill() : files.afterPowerLoss(random)
        }
        expect(await model.problems(files)).toEqual([])
        // The first look has put everything in order.
        const journal = await JournalModel.open(files)
        expect(journal.opening).toMatchObject({ tornBytes: 0, damage: [] })
      }),
      { numRuns: 250 },
    )
  }, 120_000)
})
