import { describe, expect, it } from 'vitest'
import { memoryFiles } from '../../test/memory-files.ts'
import { open, recordsOf, rejection, ticket, waiting } from '../../test/open.ts'
import { openJournal } from './index.ts'

describe('appending', () => {
  it('resolves once the record is on the disk, and a power loss then takes nothing', async () => {
    const { journal, files } = await open()
    expect(await journal.append(ticket('a', { text: 'x' }))).toEqual({ sequence: 1, repeated: false })
    const after = await open(files.afterPowerLoss(() => 0.99))
    expect(await recordsOf(after.journal)).toEqual([
      { sequence: 1, at: 1_767_225_600_000, tenant: 'default', kind: 'ticket', key: 'a', data: { text: 'x' } },
    ])
  })

  it('has not resolved before the sync', async () => {
    const { journal, files } = await open()
    files.fail('sync', 'EIO')
    expect(await rejection(journal.append(ticket('a')))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
  })

  it('shares one sync among all that are appended at once', async () => {
    const { journal, files } = await open()
    const before = files.syncs
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(ticket(String(index)))))
    expect(files.syncs - before).toBe(1)
    expect(journal.snapshot()).toMatchObject({ pending: 100, lastSequence: 100 })
    expect(await waiting(journal)).toEqual(Array.from({ length: 100 }, (_, index) => String(index)))
  })

  it('takes the data as it is at that moment', async () => {
    const { journal } = await open()
    const data = { text: 'before' }
    const appended = journal.append(ticket('a', data))
    data.text = 'after'
    await appended
    expect(await recordsOf(journal)).toMatchObject([{ data: { text: 'before' } }])
  })

  it('makes one record of the same key, at once, later, after it was handled and after a restart', async () => {
    const first = await open()
    const both = [first.journal.append(ticket('a')), first.journal.append(ticket('a'))]
    expect(await Promise.all(both)).toEqual([
      { sequence: 1, repeated: false },
      { sequence: 1, repeated: true },
    ])
    expect(await first.journal.append(ticket('a'))).toEqual({ sequence: 1, repeated: true })
    await first.journal.done(1)
    expect(await first.journal.append(ticket('a'))).toEqual({ sequence: 1, repeated: true })
    await first.journal.close()
    const { journal } = await open(first.files)
    expect(await journal.append(ticket('a'))).toEqual({ sequence: 1, repeated: true })
    expect(await waiting(journal)).toEqual([])
  })

  it('tells the second of two with one key only once the first is on the disk, and of its failure', async () => {
    const { journal, files } = await open()
    files.fail('write', 'ENOSPC')
    const both = [rejection(journal.append(ticket('a'))), rejection(journal.append(ticket('a')))]
    for (const error of await Promise.all(both)) expect(error).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
  })

  it('keeps kinds and tenants apart', async () => {
    const { journal } = await open()
    await journal.append(ticket('a'))
    expect(await journal.append({ ...ticket('a'), kind: 'mail' })).toEqual({ sequence: 2, repeated: false })
    expect(await journal.append({ ...ticket('a'), tenant: 'acme' })).toEqual({ sequence: 3, repeated: false })
    expect(await journal.append({ ...ticket('a'), tenant: 'default' })).toEqual({ sequence: 1, repeated: true })
  })

  it('refuses a key that stands for something else, rather than drop it', async () => {
    const { journal } = await open()
    await journal.append(ticket('a', 1))
    const reused = { code: 'JOURNAL_KEY_REUSED', category: 'validation', retryable: false, mayHaveTakenEffect: false }
    expect(await rejection(journal.append(ticket('a', 2)))).toMatchObject(reused)
    await journal.done(1)
    expect(await rejection(journal.append(ticket('a', 2)))).toMatchObject(reused)
  })

  it('remembers as many keys of handled records as it is told, the latest', async () => {
    const { journal, files } = await open(memoryFiles(), { rememberedKeys: 2 })
    for (const key of ['a', 'b', 'c']) await journal.done((await journal.append(ticket(key))).sequence)
    expect(journal.snapshot().remembered).toBe(2)
    await journal.close()
    const again = await open(files, { rememberedKeys: 2 })
    expect(await again.journal.append(ticket('c'))).toEqual({ sequence: 3, repeated: true })
    expect(await again.journal.append(ticket('b'))).toEqual({ sequence: 2, repeated: true })
    expect(await again.journal.append(ticket('a'))).toEqual({ sequence: 4, repeated: false })
    await again.journal.close()
    const none = await open(files, { rememberedKeys: 0 })
    expect(await none.journal.append(ticket('c'))).toEqual({ sequence: 5, repeated: false })
  })

  it('refuses what it cannot keep, and says nothing of the data', async () => {
    const { journal } = await open()
    const circle: Record<string, unknown> = { secret: 'secret' }
    circle['self'] = circle
    const cases: readonly [object, string][] = [
      [{ ...ticket('a'), kind: 'Ticket' }, 'The kind of a record'],
      [{ ...ticket('a'), kind: '' }, 'The kind of a record'],
      [{ ...ticket('') }, 'The key of a record must be 1 to 200 characters, but is a string of 0 characters.'],
      [{ ...ticket('x'.repeat(201)) }, 'The key of a record'],
      [{ ...ticket('a'), tenant: '' }, 'The tenant of a record'],
      [{ ...ticket('a'), tenant: 7 }, 'The tenant of a record must be 1 to 200 characters, but is 7.'],
      [{ ...ticket('a'), tenent: 'acme' }, "A record has kind, key, data, tenant, and no 'tenent'."],
      [ticket('a', circle), 'The data of a record must be what JSON can hold, but is an object.'],
      [{ kind: 'ticket', key: 'a' }, 'The data of a record'],
      [ticket('a', () => 'secret'), 'but is a function'],
      [ticket('a', { toJSON: () => JSON.parse('secret') as unknown }), 'The data of a record'],
    ]
    for (const [record, message] of cases) {
      const error = await rejection(journal.append(record as never))
      expect(error).toMatchObject({ code: 'JOURNAL_RECORD_INVALID', category: 'validation', mayHaveTakenEffect: false })
      expect(String(error)).toContain(message)
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret')
    }
    expect(await rejection(journal.append(null as never))).toMatchObject({ code: 'JOURNAL_RECORD_INVALID' })
    expect(journal.snapshot()).toMatchObject({ pending: 0, lastSequence: 0 })
  })

  it('refuses a record that is too large', async () => {
    const { journal } = await open(memoryFiles(), { maxRecordBytes: 300 })
    await journal.append(ticket('a', 'x'.repeat(100)))
    for (const length of [200, 1_000_000])
      expect(await rejection(journal.append(ticket('b', 'x'.repeat(length))))).toMatchObject({
        code: 'JOURNAL_RECORD_TOO_LARGE',
      })
    expect(await waiting(journal)).toEqual(['a'])
  })

  it('is full by number or by bytes, loses nothing of what it has, and takes more once some of it is handled', async () => {
    for (const limits of [{ maxPending: 5 }, { maxBytes: 1_024, maxRecordBytes: 300 }]) {
      const { journal, events, files } = await open(memoryFiles(), limits)
      const many = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => journal.append(ticket(String(index)))),
      )
      const kept = many.filter(({ status }) => status === 'fulfilled').length
      expect(kept).toBeGreaterThan(3)
      expect(kept).toBeLessThan(10)
      expect(many.at(-1)).toMatchObject({
        reason: { code: 'JOURNAL_FULL', category: 'rejected', retryable: true, mayHaveTakenEffect: false },
      })
      expect(events.of('journal-full')[0]).toMatchObject({ kind: 'ticket', tenant: 'default', pending: kept })
      expect(await journal.append(ticket('0')), 'what it has, it still knows').toEqual({ sequence: 1, repeated: true })
      expect(await waiting(journal)).toHaveLength(kept)
      await journal.done(1)
      await journal.append(ticket('more'))
      expect(await rejection(journal.append(ticket('too much')))).toMatchObject({ code: 'JOURNAL_FULL' })
      await journal.close()
      expect(await waiting((await open(files, limits)).journal)).toHaveLength(kept)
    }
  })

  it('ends the waiting at an abort, with its reason, and not the writing', async () => {
    const { journal } = await open()
    expect(await rejection(journal.append(ticket('a'), { signal: AbortSignal.abort('left') }))).toBe('left')
    const controller = new AbortController()
    const appended = rejection(journal.append(ticket('b'), { signal: controller.signal }))
    controller.abort('left')
    expect(await appended).toBe('left')
    expect(await journal.append(ticket('b'))).toEqual({ sequence: 1, repeated: true })
  })
})

describe('marking as handled', () => {
  it('survives a restart, whether the key is remembered or not', async () => {
    const { journal, files } = await open(memoryFiles(), { rememberedKeys: 1 })
    for (const key of ['a', 'b', 'c', 'd']) await journal.append(ticket(key))
    await Promise.all([journal.done(1), journal.done(3), journal.done(3)])
    await journal.done(1)
    await journal.close()
    expect(await waiting((await open(files)).journal)).toEqual(['b', 'd'])
  })

  it('refuses a number that was never given', async () => {
    const { journal } = await open()
    await journal.append(ticket('a'))
    for (const sequence of [0, 2, -1, 1.5, Number.NaN, '1' as never])
      expect(await rejection(journal.done(sequence))).toMatchObject({ code: 'JOURNAL_SEQUENCE_UNKNOWN' })
  })

  it('that fails leaves the record', async () => {
    const { journal, files, clock } = await open()
    await journal.append(ticket('a'))
    files.fail('sync', 'EIO')
    expect(await rejection(journal.done(1))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
    expect(await waiting(journal)).toEqual(['a'])
    await clock.advance(1_000)
    await journal.done(1)
    expect(await waiting(journal)).toEqual([])
  })
})

describe('a journal', () => {
  it('is empty when it is new, frozen, and closed once', async () => {
    const { journal, events } = await open()
    expect(journal.opening).toEqual({ pending: 0, tornBytes: 0, damage: [] })
    expect(Object.isFrozen(journal)).toBe(true)
    const [first, second] = [journal.close(), journal.close()]
    expect(first).toBe(second)
    await first
    expect(journal.snapshot().state).toBe('closed')
    for (const use of [
      () => journal.append(ticket('a')),
      () => journal.done(1),
      () => journal.replay(() => undefined),
      () => recordsOf(journal),
    ])
      expect(await rejection(use())).toMatchObject({ code: 'JOURNAL_CLOSED', category: 'rejected' })
    expect(events.types).toEqual(['journal-opened', 'journal-closed'])
  })

  it('closes when everything that was appended is on the disk', async () => {
    const { journal, files } = await open()
    const appended = [journal.append(ticket('a')), journal.append(ticket('b'))]
    await journal.close()
    expect(await Promise.all(appended)).toMatchObject([{ sequence: 1 }, { sequence: 2 }])
    expect(await waiting((await open(files)).journal)).toEqual(['a', 'b'])
  })

  it('has one owner', async () => {
    const { journal, files } = await open()
    expect(await rejection(open(files))).toMatchObject({ code: 'JOURNAL_LOCKED', category: 'configuration' })
    await journal.close()
    await (await open(files)).journal.close()
  })

  it('gives the lock back when it cannot be opened', async () => {
    const files = memoryFiles()
    const first = await open(files)
    await first.journal.append(ticket('a'))
    await first.journal.close()
    files.fail('open', 'EACCES', 1)
    expect(await rejection(open(files))).toMatchObject({ code: 'JOURNAL_CANNOT_OPEN', category: 'configuration' })
    expect(await waiting((await open(files)).journal)).toEqual(['a'])
  })

  it('reports what it does, and nothing of what is in it', async () => {
    const { journal, events } = await open()
    await journal.append({ ...ticket('secret', 'secret'), tenant: 'acme' })
    await journal.done(1)
    await journal.close()
    expect(events.types).toEqual(['journal-opened', 'journal-record-appended', 'journal-record-done', 'journal-closed'])
    expect(events.of('journal-record-appended')).toEqual([
      {
        type: 'journal-record-appended',
        at: 1_767_225_600_000,
        journal: 'journal',
        sequence: 1,
        kind: 'ticket',
        tenant: 'acme',
      },
    ])
    expect(JSON.stringify(events.all)).not.toContain('secret')
  })

  it('refuses options that cannot be used', async () => {
    const cases: readonly [object, string][] = [
      [{}, 'journal.directory must be the path of a directory, but is undefined'],
      [
        { directory: '/x', maxBytes: 1 },
        'journal.maxBytes must be a whole number from 1,024 to 1,099,511,627,776, but is 1',
      ],
      [{ directory: '/x', maxPending: 0 }, 'journal.maxPending'],
      [
        { directory: '/x', maxRecordBytes: 1_000_000, maxBytes: 2_000 },
        'journal.maxRecordBytes must be no more than maxBytes',
      ],
      [{ directory: '/x', segmentBytes: Number.NaN }, 'journal.segmentBytes'],
      [{ directory: '/x', rememberedKeys: -1 }, 'journal.rememberedKeys'],
      [{ directory: '/x', retryAfterFailureMs: Infinity }, 'journal.retryAfterFailureMs'],
      [
        { directory: '/x', name: 'A b' },
        "journal.name must be 1 to 64 lower-case letters, digits and '-', but is 'A b'",
      ],
      [{ directory: '/x', clock: {} }, 'journal.clock must be an object with now'],
      [{ directory: '/x', events: () => 1 }, 'journal.events must be an object with emit'],
      [{ directory: '/x', path: '/y' }, 'journal.path is not an option; the options are directory, name'],
    ]
    for (const [options, message] of cases) {
      const error = await rejection(openJournal(options as never))
      expect(error).toMatchObject({ code: 'INVALID_OPTION', category: 'validation' })
      expect(String(error)).toContain(message)
    }
  })
})
