import { describe, expect, it } from 'vitest'
import { memoryFiles } from '../../test/memory-files.ts'
import { open, ticket, waiting } from '../../test/open.ts'

const SMALL = { segmentBytes: 2_048, rememberedKeys: 5 }

describe('the directory of a journal', () => {
  it('stays small while records come and are handled, for ever', async () => {
    const { journal, files, events } = await open(memoryFiles(), SMALL)
    let most = 0
    for (let key = 0; key < 2_000; key += 1) {
      const { sequence } = await journal.append(ticket(String(key), 'x'.repeat(100)))
      await journal.done(sequence)
      most = Math.max(most, journal.snapshot().diskBytes)
    }
    expect(most).toBeLessThan(3 * SMALL.segmentBytes + 4_000)
    expect(files.names().length).toBeLessThan(5)
    expect(events.of('journal-compacted').length).toBeGreaterThan(100)
    expect(journal.snapshot()).toMatchObject({ pending: 0, lastSequence: 2_000 })
  })

  it('stays bounded when some records are never handled, and keeps those, in order', async () => {
    const { journal, files } = await open(memoryFiles(), SMALL)
    let most = 0
    const kept: string[] = []
    for (let key = 0; key < 1_000; key += 1) {
      const { sequence } = await journal.append(ticket(String(key), 'x'.repeat(100)))
      if (key % 50 === 0) kept.push(String(key))
      else await journal.done(sequence)
      const { diskBytes, pendingBytes } = journal.snapshot()
      most = Math.max(most, diskBytes - 2.5 * pendingBytes)
    }
    expect(most).toBeLessThan(4 * SMALL.segmentBytes)
    expect(await waiting(journal)).toEqual(kept)
    await journal.close()
    expect(await waiting((await open(files, SMALL)).journal)).toEqual(kept)
  })

  it('does not grow with restarts', async () => {
    const files = memoryFiles()
    const first = await open(files, SMALL)
    await first.journal.append(ticket('a'))
    await first.journal.close()
    for (let restart = 0; restart < 30; restart += 1) await (await open(files, SMALL)).journal.close()
    expect(files.names()).toEqual(['000000000001.log'])
    expect(await waiting((await open(files, SMALL)).journal)).toEqual(['a'])
  })

  it('gives no number twice, also when everything was handled and removed', async () => {
    const files = memoryFiles()
    let last = 0
    for (let restart = 0; restart < 10; restart += 1) {
      const { journal } = await open(files, { ...SMALL, rememberedKeys: 0 })
      for (let count = 0; count < 20; count += 1) {
        const { sequence } = await journal.append(ticket(`${restart}-${count}`, 'x'.repeat(200)))
        expect(sequence).toBe((last += 1))
        await journal.done(sequence)
      }
      await journal.close()
    }
  })

  it('tries again later when a file cannot be removed', async () => {
    const { journal, files, clock } = await open(memoryFiles(), SMALL)
    files.fail('remove', 'EIO', 3)
    const some = async (from: number): Promise<void> => {
      for (let key = from; key < from + 100; key += 1)
        await journal.done((await journal.append(ticket(String(key), 'x'.repeat(100)))).sequence)
    }
    await some(0)
    expect(files.names().length).toBeGreaterThan(10)
    for (let round = 1; round <= 4; round += 1) {
      await clock.advance(1_000)
      await some(round * 100)
    }
    expect(files.names().length).toBeLessThan(5)
    expect(await waiting(journal)).toEqual([])
  })
})
