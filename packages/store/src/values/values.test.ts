import { seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { DIRECTORY, memoryFiles } from '../../test/memory-files.ts'
import type { MemoryFiles } from '../../test/memory-files.ts'
import { rejection } from '../../test/open.ts'
import { openValues } from './open-values.ts'

const FILE = 'values.log'

/** What is to be kept, and the file that keeps it. */
async function setUp(files: MemoryFiles = memoryFiles()) {
  const values = await openValues({ directory: DIRECTORY, files })
  const kept = new Map<string, unknown>(values.opening.values)
  const write = async (changed: Readonly<Record<string, unknown>>): Promise<void> => {
    for (const [key, value] of Object.entries(changed)) kept.set(key, value)
    await values.write({ changed: Object.entries(changed), all: () => kept })
  }
  return { files, values, kept, write }
}

/** What the next process finds. */
async function found(files: MemoryFiles): Promise<Record<string, unknown>> {
  const { values } = await setUp(files)
  await values.close()
  return Object.fromEntries(values.opening.values)
}

describe('values', () => {
  it('are the latest of each key, after a kill too', async () => {
    const { files, write } = await setUp()
    await write({ a: 1, b: { cost: 0.5 } })
    await write({ a: 2 })
    await write({ c: 'x', a: 3 })
    expect(await found(files.afterKill())).toEqual({ a: 3, b: { cost: 0.5 }, c: 'x' })
  })

  it('are on the disk after each write, whatever the power does', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed)
      const { files, write } = await setUp()
      for (let round = 1; round <= 3; round++) await write({ a: round, [`k${round}`]: round })
      expect(await found(files.afterPowerLoss(random))).toEqual({ a: 3, k1: 1, k2: 2, k3: 3 })
    }
  })

  it('are those before or after a write, never fewer, wherever a crash stops it', async () => {
    const whole = await setUp()
    const rounds = async ({ write }: Pick<Awaited<ReturnType<typeof setUp>>, 'write'>): Promise<number> => {
      let done = 0
      for (let round = 1; round <= 3; round++) {
        const isDone = await write({ a: round, b: round }).then(
          () => true,
          () => false,
        )
        if (!isDone) return done
        done = round
      }
      return done
    }
    await rounds(whole)
    for (let cost = 0; cost <= whole.files.spent; cost += 1) {
      const crashed = await setUp()
      crashed.files.crashAt(cost)
      const done = await rounds(crashed)
      const left = crashed.files.afterKill()
      const { values } = await setUp(left)
      for (const key of ['a', 'b']) {
        const value = Number(values.opening.values.get(key) ?? 0)
        expect(value).toBeGreaterThanOrEqual(done)
        expect(value).toBeLessThanOrEqual(done + 1)
      }
      expect(values.opening.damage).toBeUndefined()
    }
  })

  it('are written anew when too much is overtaken, and by a process that has found them', async () => {
    const { files, values, kept, write } = await setUp()
    await write({ a: 0, b: 0 })
    kept.delete('b')
    for (let round = 1; round <= 1_003; round++) await write({ a: round })
    expect(files.text(FILE).split('\n').length).toBe(1 + 2 + 1_003 + 1)
    await write({ a: 'anew' })
    expect(files.text(FILE).split('\n')).toHaveLength(3)
    await values.close()
    const next = await setUp(files)
    next.kept.set('c', 1)
    await next.write({})
    expect(await found(files.afterKill())).toEqual({ a: 'anew', c: 1 })
  })

  it('are written whole however short the writes of the disk are, and come in parts', async () => {
    const { files, values } = await setUp()
    files.limitWrites(1_000)
    const many = Array.from({ length: 2_000 }, (_, index) => [`key-${index}`, { index, text: 'x'.repeat(60) }] as const)
    let read = 0
    const counted = function* () {
      for (const one of many) {
        read += 1
        yield one
      }
    }
    const writing = values.write({ changed: [], all: counted })
    await Promise.resolve()
    expect(read).toBeLessThan(many.length)
    await writing
    expect(await found(files.afterKill())).toEqual(Object.fromEntries(many))
  })
})

describe('a disk that fails', () => {
  for (const step of ['write', 'sync', 'create', 'rename', 'syncDirectory'] as const) {
    it(`at ${step} rejects the write, and the next one writes everything`, async () => {
      const { files, values, write } = await setUp()
      await write({ a: 1 })
      if (step === 'write' || step === 'sync') {
        files.fail(step, 'ENOSPC')
        expect(await rejection(write({ b: 1 }))).toMatchObject({ code: 'VALUES_WRITE_FAILED', retryable: true })
      } else {
        // A file is begun anew after a write that failed.
        files.fail('write', 'EIO')
        await rejection(write({ b: 1 }))
        files.fail(step, 'ENOSPC')
        expect(await rejection(write({ c: 1 }))).toMatchObject({ message: expect.stringContaining('ENOSPC') })
      }
      await write({ d: 1 })
      await values.close()
      expect(await found(files.afterPowerLoss(seededRandom(3)))).toMatchObject({ a: 1, b: 1, d: 1 })
    })
  }

  it('notices that somebody has removed the file', async () => {
    const { files, write } = await setUp()
    await write({ a: 1 })
    await files.remove(`${DIRECTORY}/${FILE}`)
    expect(await rejection(write({ a: 2 }))).toMatchObject({ code: 'VALUES_WRITE_FAILED' })
    await write({ a: 3 })
    expect(await found(files.afterKill())).toEqual({ a: 3 })
  })
})

describe('what is found', () => {
  it('ends before what a crash cut off', async () => {
    const { files, write } = await setUp()
    await write({ a: 1 })
    await write({ a: 2 })
    files.change(FILE, (content) => content.subarray(0, -5))
    const { values } = await setUp(files.afterKill())
    expect(values.opening.damage).toBeUndefined()
    expect(values.opening.tornBytes).toBeGreaterThan(20)
    expect([...values.opening.values]).toEqual([['a', 1]])
  })

  it('is all that is whole of a damaged file, which is kept as it was', async () => {
    const { files, values, write } = await setUp()
    await write({ a: 1, b: 2, c: 3 })
    await values.close()
    files.change(FILE, (content) =>
      Buffer.from(content.toString().replace('"key":"b","value":2', '"key":"b","value":9')),
    )
    const before = files.text(FILE)
    const next = await setUp(files)
    expect([...next.values.opening.values.keys()]).toEqual(['a', 'c'])
    expect(next.values.opening.damage).toMatchObject({
      bytes: before.split('\n')[2]!.length + 1,
      keptAs: 'values.damaged-1',
    })
    await next.write({})
    expect(files.text('values.damaged-1')).toBe(before)
    await next.values.close()
    expect((await setUp(files)).values.opening.damage).toBeUndefined()
  })

  it('is around what the disk cannot read', async () => {
    const { files, values, write } = await setUp()
    await write(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key-${index}`, index])))
    await values.close()
    files.failReadsAt(FILE, 5_000, 10)
    const { opening } = (await setUp(files)).values
    expect(opening.damage).toBeDefined()
    expect(opening.values.get('key-0')).toBe(0)
    expect(opening.values.get('key-299')).toBe(299)
  })

  it.each([
    ['empty', ''],
    ['text', 'somebody wrote this by hand, without a newline'],
    ['of a later version', '{"v":2}\n'],
  ])('in a file that is %s is nothing, and the file is kept', async (_what, text) => {
    const files = memoryFiles()
    await (await files.create(`${DIRECTORY}/${FILE}`)).write(Buffer.from(text), 0)
    const { values } = await setUp(files)
    expect([values.opening.values.size, values.opening.damage]).toEqual([
      0,
      { bytes: text.length, keptAs: 'values.damaged-1' },
    ])
    expect(files.text('values.damaged-1')).toBe(text)
  })

  it('can be kept as it is, for whoever does not understand it', async () => {
    const { files, values, write } = await setUp()
    await write({ a: 'of another program' })
    await values.close()
    const before = files.text(FILE)
    const next = (await setUp(files)).values
    expect(await next.keepAsFound()).toBe('values.damaged-1')
    await next.write({ changed: [], all: () => [] })
    expect(files.text('values.damaged-1')).toBe(before)
  })

  it('is never more than sixteen damaged files', async () => {
    const files = memoryFiles()
    await files.create(`${DIRECTORY}/${FILE}`)
    for (let count = 0; count < 20; count++) await (await setUp(files)).values.close()
    const copies = files.names().filter((name) => name.startsWith('values.damaged'))
    expect(copies).toHaveLength(16)
    expect(copies).toContain('values.damaged-20')
  })

  it('is refused while somebody else has it, or when it cannot be read', async () => {
    const { files, values } = await setUp()
    expect(await rejection(setUp(files))).toMatchObject({ code: 'VALUES_LOCKED', category: 'configuration' })
    await values.close()
    files.fail('open', 'EACCES')
    expect(await rejection(setUp(files))).toMatchObject({
      code: 'VALUES_CANNOT_OPEN',
      message: expect.stringContaining('EACCES'),
    })
    await (await setUp(files)).values.close()
  })
})
