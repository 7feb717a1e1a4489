import { describe, expect, it } from 'vitest'
import { type MemoryFiles, memoryFiles } from '../../test/memory-files.ts'
import { open, rejection, ticket, waiting } from '../../test/open.ts'

const FIRST = '000000000001.log'
const COPY = '000000000001.damaged-1'

/** A closed journal with these keys in its only file. */
async function filesWith(...keys: string[]): Promise<MemoryFiles> {
  const { journal, files } = await open()
  for (const key of keys) await journal.append(ticket(key))
  await journal.close()
  return files
}

const lines = (content: Buffer): string[] => content.toString().split('\n').slice(0, -1)
const joined = (all: readonly string[]): Buffer => Buffer.from(all.map((line) => `${line}\n`).join(''))

describe('what a crash cut off', () => {
  it('is dropped, told in bytes, and gone for good', async () => {
    const files = await filesWith('a', 'b')
    files.change(FIRST, (content) => content.subarray(0, -40))
    const { journal } = await open(files)
    expect(journal.opening).toMatchObject({ pending: 1, damage: [] })
    expect(journal.opening.tornBytes).toBeGreaterThan(50)
    expect(await journal.append(ticket('b'))).toEqual({ sequence: 2, repeated: false })
    await journal.close()
    expect((await open(files)).journal.opening).toEqual({ pending: 2, tornBytes: 0, damage: [] })
  })

  it('may be zeros, or a file that was just made', async () => {
    const files = await filesWith('a')
    files.change(FIRST, (content) => Buffer.concat([content, Buffer.alloc(300)]))
    await (await files.create('/journal/000000000002.log')).write(Buffer.alloc(40), 0)
    const { journal } = await open(files)
    expect(journal.opening).toEqual({ pending: 1, tornBytes: 340, damage: [] })
    expect(files.names()).toEqual([FIRST])
  })

  it('may lack only the end of its line: then it is whole', async () => {
    const files = await filesWith('a', 'b')
    files.change(FIRST, (content) => content.subarray(0, -1))
    const { journal } = await open(files)
    expect(journal.opening).toEqual({ pending: 2, tornBytes: 0, damage: [] })
    await journal.append(ticket('c'))
    await journal.close()
    expect(await waiting((await open(files)).journal)).toEqual(['a', 'b', 'c'])
  })

  it('may be a new version of a file that had not taken its place yet', async () => {
    const files = await filesWith('a')
    await (await files.create('/journal/000000000001.tmp')).write(Buffer.from('half'), 0)
    const { journal } = await open(files)
    expect(await waiting(journal)).toEqual(['a'])
    expect(files.names()).toEqual([FIRST])
  })
})

describe('damage in the middle', () => {
  it('costs the record it hit and no other, is told once, and the file is kept as it was', async () => {
    const files = await filesWith('a', 'b', 'c')
    files.change(FIRST, (content) => {
      content[content.indexOf('"key":"b"') + 7]! ^= 1
      return content
    })
    const before = files.text(FIRST)
    const { journal, events } = await open(files)
    const [header = '', a = '', b = ''] = before.split('\n')
    const damage = {
      file: FIRST,
      offset: header.length + a.length + 2,
      bytes: b.length + 1,
      missing: { first: 2, last: 2 },
      keptAs: COPY,
    }
    expect(journal.opening).toEqual({ pending: 2, tornBytes: 0, damage: [damage] })
    expect(events.of('journal-damaged')).toEqual([
      { type: 'journal-damaged', at: 1_767_225_600_000, journal: 'journal', ...damage },
    ])
    expect(await waiting(journal)).toEqual(['a', 'c'])
    expect(files.text(COPY)).toBe(before)
    await journal.append(ticket('d'))
    await journal.close()
    const again = await open(files)
    expect(again.journal.opening).toEqual({ pending: 3, tornBytes: 0, damage: [] })
    expect(files.text(COPY)).toBe(before)
  })

  it.each([
    [
      'a lost end of a line',
      (all: string[]) => Buffer.from(joined(all).toString().replace('\n', ' ')),
      ['a', 'b', 'c'],
    ],
    ['a new line in a line', (all: string[]) => joined(all.map((line) => line.replace('"b"', '"\n"'))), ['a', 'c']],
    ['a lost header', (all: string[]) => joined(['garbage', ...all.slice(1)]), ['a', 'b', 'c']],
    ['garbage with an end at the end', (all: string[]) => joined([...all, 'garbage']), ['a', 'b', 'c']],
    ['a line of another kind', (all: string[]) => joined([...all, '24c2c591 19 {"v":1,"text":"é"}']), ['a', 'b', 'c']],
  ])('may be %s', async (_, damage, left) => {
    const files = await filesWith('a', 'b', 'c')
    files.change(FIRST, (content) => damage(lines(content)))
    const { journal } = await open(files)
    expect(journal.opening.damage).toHaveLength(1)
    expect(journal.opening.damage[0]).toMatchObject({ file: FIRST, keptAs: COPY })
    expect(await waiting(journal)).toEqual(left)
    expect((await journal.append(ticket('next'))).sequence).toBe(4)
    await journal.close()
    expect((await open(files)).journal.opening).toMatchObject({ damage: [], tornBytes: 0 })
  })

  it('may be that lines are missing and nothing stands in their place', async () => {
    const files = await filesWith('a', 'b', 'c', 'd')
    files.change(FIRST, (content) => joined(lines(content).filter((line) => !/"key":"[bc]"/.test(line))))
    const { journal } = await open(files)
    expect(journal.opening.damage).toMatchObject([{ bytes: 0, missing: { first: 2, last: 3 } }])
    expect(await waiting(journal)).toEqual(['a', 'd'])
    await journal.close()
    expect((await open(files)).journal.opening.damage, 'told once').toEqual([])
  })

  it('may be that the end of a file is missing that had another one after it', async () => {
    const { journal, files } = await open(memoryFiles(), { segmentBytes: 1_024 })
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) await journal.append(ticket(key))
    await journal.close()
    const inFirst = lines(Buffer.from(files.text(FIRST))).length - 1
    expect(files.names()).toEqual([FIRST, '000000000002.log', 'lock'].slice(0, 2))
    files.change(FIRST, (content) => joined(lines(content).slice(0, -2)))
    const again = await open(files)
    expect(again.journal.opening.damage).toMatchObject([
      { file: FIRST, missing: { first: inFirst - 1, last: inFirst } },
    ])
    expect(await waiting(again.journal)).toHaveLength(8)
    await again.journal.close()
    expect((await open(files)).journal.opening.damage).toEqual([])
  })

  it('may be a block that the disk cannot read: what is around it is found', async () => {
    const { journal, files } = await open()
    for (let key = 0; key < 100; key += 1) await journal.append(ticket(String(key), 'x'.repeat(200)))
    await journal.close()
    files.failReadsAt(FIRST, 8_192, 4_096)
    const again = await open(files)
    expect(await waiting(again.journal)).toHaveLength(again.journal.opening.pending)
    const { damage, pending } = again.journal.opening
    expect(damage).toHaveLength(1)
    expect(damage[0]?.bytes).toBeGreaterThan(4_096)
    expect(damage[0]?.bytes).toBeLessThan(5_000)
    expect(pending).toBe(100 - (damage[0]!.missing!.last - damage[0]!.missing!.first + 1))
    expect(files.names()).toContain(COPY)
  })

  it('may be that nothing of a small file can be read: that is not taken for one that was never begun', async () => {
    const files = await filesWith('a')
    files.failReadsAt(FIRST, 0, 4_096)
    const { journal } = await open(files)
    expect(journal.opening).toMatchObject({ pending: 0, tornBytes: 0, damage: [{ file: FIRST, keptAs: COPY }] })
    expect(files.text(COPY)).toContain('"key":"a"')
  })

  it('is found at the latest when a file is emptied, and told', async () => {
    const { journal, files, events } = await open(memoryFiles(), { segmentBytes: 1_024, rememberedKeys: 0 })
    for (let key = 0; key < 20; key += 1) await journal.append(ticket(String(key), 'x'.repeat(100)))
    files.change(FIRST, (content) => {
      content[content.indexOf('"key":"0"') + 7]! ^= 1
      return content
    })
    for (let sequence = 20; sequence > 2; sequence -= 1) await journal.done(sequence)
    expect(events.of('journal-damaged')).toMatchObject([{ file: FIRST, missing: { first: 1, last: 1 }, keptAs: COPY }])
    expect(await waiting(journal)).toEqual(['1'])
  })

  it('waits, when a file cannot be read just now, and goes on without it only when it cannot again', async () => {
    const { journal, files, clock, events } = await open(memoryFiles(), { segmentBytes: 1_024, rememberedKeys: 0 })
    for (let key = 0; key < 20; key += 1) await journal.append(ticket(String(key), 'x'.repeat(100)))
    files.fail('read', 'EIO')
    for (let sequence = 20; sequence > 2; sequence -= 1) await journal.done(sequence)
    expect(files.names()).toContain(FIRST)
    await clock.advance(1_000)
    await journal.done((await journal.append(ticket('x'))).sequence)
    expect(files.names()).not.toContain(FIRST)
    expect(events.of('journal-damaged')).toEqual([])
    expect(await waiting(journal)).toEqual(['0', '1'])
  })

  it('keeps the latest sixteen copies', async () => {
    const files = await filesWith('a')
    for (let round = 0; round < 20; round += 1) {
      files.change(FIRST, (content) => Buffer.concat([content, Buffer.from('garbage\n')]))
      await (await open(files)).journal.close()
    }
    expect(files.names().filter((name) => name.includes('damaged'))).toHaveLength(16)
  })

  it('changes nothing while the damaged file cannot be kept', async () => {
    const files = await filesWith('a', 'b')
    files.change(FIRST, (content) => Buffer.concat([Buffer.from('garbage\n'), content]))
    const before = files.text(FIRST)
    files.fail('keepAs', 'ENOSPC', 9)
    const { journal } = await open(files)
    expect(journal.snapshot()).toMatchObject({ state: 'failed', pending: 2 })
    expect(journal.opening.damage[0]).not.toHaveProperty('keptAs')
    expect(files.text(FIRST)).toBe(before)
  })
})

describe('a journal of a later version', () => {
  it('is left as it is', async () => {
    const files = await filesWith('a')
    const { frame } = await import('./frame.ts')
    files.change(FIRST, (content) => Buffer.concat([content, frame('{"v":2,"unheard":"of"}')]))
    const before = files.text(FIRST)
    expect(await rejection(open(files))).toMatchObject({ code: 'JOURNAL_NEWER', category: 'configuration' })
    expect(files.text(FIRST)).toBe(before)
  })
})
