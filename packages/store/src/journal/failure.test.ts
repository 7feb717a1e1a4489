import { describe, expect, it } from 'vitest'
import { memoryFiles } from '../../test/memory-files.ts'
import { open, recordsOf, rejection, ticket, waiting } from '../../test/open.ts'
import { openJournal } from './index.ts'

describe('a disk that does not take what is written', () => {
  it.each(['ENOSPC', 'EIO'])(
    'has the append refused (%s), and every other one until it is tried again',
    async (code) => {
      const { journal, files, clock, events } = await open()
      await journal.append(ticket('a'))
      files.fail('write', code)
      const error = await rejection(journal.append(ticket('b')))
      expect(error).toMatchObject({
        code: 'JOURNAL_WRITE_FAILED',
        category: 'server',
        retryable: true,
        retryAfterMs: 1_000,
        mayHaveTakenEffect: true,
        cause: { code },
      })
      expect(journal.snapshot()).toMatchObject({ state: 'failed', pending: 1 })
      await clock.advance(400)
      const refused = { code: 'JOURNAL_WRITE_FAILED', retryAfterMs: 600, mayHaveTakenEffect: false }
      expect(await rejection(journal.append(ticket('c')))).toMatchObject(refused)
      expect(await waiting(journal), 'what it has can be read').toEqual(['a'])
      await clock.advance(600)
      expect(await journal.append(ticket('b'))).toEqual({ sequence: 3, repeated: false })
      expect(journal.snapshot()).toMatchObject({ state: 'open', segments: 2 })
      expect(events.types).toEqual([
        'journal-opened',
        'journal-record-appended',
        'journal-write-failed',
        'journal-write-recovered',
        'journal-record-appended',
      ])
      expect(events.of('journal-write-failed')).toMatchObject([{ code }])
    },
  )

  it('keeps failing as long as the disk does, and leaves no more files', async () => {
    const { journal, files, clock } = await open()
    files.fail('write', 'ENOSPC', 50)
    for (let second = 0; second < 40; second += 1) {
      expect(await rejection(journal.append(ticket(String(second))))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
      await clock.advance(1_000)
    }
    expect(files.names()).toEqual(['000000000001.log'])
    files.fail('write', 'ENOSPC', 0)
    expect(await journal.append(ticket('a'))).toMatchObject({ repeated: false })
    await journal.close()
    const again = await open(files)
    expect(again.journal.opening).toMatchObject({ pending: 1, damage: [], tornBytes: 0 })
  })

  it('does not trust a sync after one that failed: the record is written anew, to another file', async () => {
    const { journal, files, clock } = await open()
    await journal.append(ticket('a'))
    files.fail('sync', 'EIO')
    expect(await rejection(journal.append(ticket('b')))).toMatchObject({ mayHaveTakenEffect: true })
    await clock.advance(1_000)
    await journal.append(ticket('b'))
    await journal.append(ticket('c'))
    for (const luck of [0, 0.25, 0.5, 0.99]) {
      const after = await open(files.afterPowerLoss(() => luck))
      expect(await waiting(after.journal)).toEqual(['a', 'b', 'c'])
    }
  })

  it('writes also a mark to another file after one that failed', async () => {
    const { journal, files, clock } = await open()
    await journal.append(ticket('a'))
    await journal.append(ticket('b'))
    files.fail('sync', 'EIO')
    await rejection(journal.done(1))
    await clock.advance(1_000)
    await journal.done(1)
    expect(journal.snapshot().segments).toBe(2)
    expect(await waiting((await open(files.afterPowerLoss(() => 0))).journal)).toEqual(['b'])
  })

  it('gives no number again that was refused, wherever it is killed', async () => {
    for (let crash = 0; crash < 300; crash += 1) {
      const { journal, files, clock } = await open()
      await journal.append(ticket('a'))
      files.fail('sync', 'EIO')
      expect(await rejection(journal.append(ticket('b')))).toMatchObject({ mayHaveTakenEffect: true })
      await clock.advance(1_000)
      files.crashAt(files.spent + crash)
      await rejection(journal.append(ticket('c', 'x'.repeat(200))))
      const left = files.afterKill()
      const isSaid = left.names().includes('000000000002.log') && left.text('000000000002.log').includes('}\n')
      const again = await open(left)
      const { sequence } = await again.journal.append(ticket('d'))
      if (isSaid) expect(sequence).toBeGreaterThan(2)
      await again.journal.close()
      expect(await waiting((await open(left)).journal)).toContain('d')
    }
  })

  it('does not bring back, nor doubles, what was refused and then appended again', async () => {
    const { journal, files, clock } = await open()
    await journal.append(ticket('first'))
    // The file cannot even be cut off behind what is known to be whole.
    files.fail('sync', 'EIO')
    files.fail('truncate', 'EIO', 9)
    await Promise.all([ticket('a'), ticket('never again')].map((one) => rejection(journal.append(one))))
    await clock.advance(1_000)
    expect(await journal.append(ticket('a'))).toEqual({ sequence: 4, repeated: false })
    await journal.close()
    expect(files.text('000000000001.log')).toContain('"key":"a"')
    const again = await open(files)
    expect(again.journal.opening.damage).toEqual([])
    expect(await recordsOf(again.journal)).toMatchObject([
      { key: 'first', sequence: 1 },
      { key: 'a', sequence: 4 },
    ])
  })

  it('that was killed after a sync that failed has the record written anew before anybody is told that it is there', async () => {
    const first = await open()
    first.files.fail('sync', 'EIO')
    first.files.fail('truncate', 'EIO')
    await rejection(first.journal.append(ticket('a')))
    const killed = await open(first.files.afterKill())
    expect(await killed.journal.append(ticket('a')), 'it can be read').toEqual({ sequence: 1, repeated: true })
    const after = await open(killed.files.afterPowerLoss(() => 0))
    expect(await waiting(after.journal)).toEqual(['a'])
  })

  it('is opened all the same, and what waits can be handled in part; it gets going when the disk does', async () => {
    const first = await open()
    await first.journal.append(ticket('a'))
    await first.journal.append(ticket('b'))
    await first.journal.close()
    first.files.fail('write', 'ENOSPC', 3)
    const { journal, clock, events } = await open(first.files)
    expect(journal.snapshot()).toMatchObject({ state: 'failed', pending: 2 })
    expect(events.types.slice(0, 2)).toEqual(['journal-write-failed', 'journal-opened'])
    expect(await waiting(journal)).toEqual(['a', 'b'])
    expect(await rejection(journal.append(ticket('c')))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
    await clock.advance(1_000)
    expect(await rejection(journal.append(ticket('c')))).toMatchObject({ cause: { code: 'ENOSPC' } })
    expect(await rejection(journal.append(ticket('a'))), 'nobody knows whether it is on the disk').toMatchObject({
      code: 'JOURNAL_WRITE_FAILED',
    })
    first.files.fail('write', 'ENOSPC', 0)
    await clock.advance(1_000)
    expect(await journal.append(ticket('a'))).toEqual({ sequence: 1, repeated: true })
    expect(await journal.append(ticket('c'))).toEqual({ sequence: 4, repeated: false })
    await journal.close()
    const again = await open(first.files)
    expect(again.journal.opening.damage, 'a number that was left out is no record that is missing').toEqual([])
    expect(await waiting(again.journal)).toEqual(['a', 'b', 'c'])
  })

  it('is refused at once where only somebody can help', async () => {
    const files = memoryFiles()
    files.fail('create', 'EROFS', 2)
    expect(await rejection(open(files))).toMatchObject({ code: 'JOURNAL_CANNOT_OPEN', category: 'configuration' })
    files.fail('create', 'EACCES', 0)
    await open(files)
  })

  it('takes nothing more once its file was removed or replaced by somebody else', async () => {
    const { journal, files, clock } = await open()
    await journal.append(ticket('a'))
    await files.remove('/journal/000000000001.log')
    expect(await rejection(journal.append(ticket('b')))).toMatchObject({
      code: 'JOURNAL_FILE_GONE',
      category: 'configuration',
      retryable: false,
    })
    await clock.advance(10_000)
    expect(await rejection(journal.append(ticket('c')))).toMatchObject({ code: 'JOURNAL_FILE_GONE' })
    expect(await rejection(journal.done(1))).toMatchObject({ code: 'JOURNAL_FILE_GONE' })
    expect(journal.snapshot().state).toBe('failed')
    await journal.close()
  })

  it('is believed where the file system counts no names', async () => {
    const { create, ...rest } = memoryFiles()
    const files = { ...rest, create: async (path: string) => ({ ...(await create(path)), hasName: async () => false }) }
    const journal = await openJournal({ directory: '/journal', files })
    expect(await journal.append(ticket('a'))).toEqual({ sequence: 1, repeated: false })
  })

  it('may write as little at a time as it likes', async () => {
    const files = memoryFiles()
    files.limitWrites(3)
    const { journal } = await open(files)
    await journal.append(ticket('a', 'x'.repeat(500)))
    expect(await recordsOf(journal)).toMatchObject([{ data: 'x'.repeat(500) }])
    files.limitWrites(0)
    expect(await rejection(journal.append(ticket('b')))).toMatchObject({ cause: { code: 'EIO' } })
  })
})
