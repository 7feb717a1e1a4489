import { describe, expect, it } from 'vitest'
import { memoryFiles } from '../../test/memory-files.ts'
import { open, rejection, ticket, waiting } from '../../test/open.ts'
import type { Journal, JournalRecord } from './index.ts'

async function withTickets(...keys: string[]): Promise<Awaited<ReturnType<typeof open>>> {
  const opened = await open()
  for (const key of keys) await opened.journal.append(ticket(key))
  return opened
}

/** A handler that waits until it is let go. */
function held(): { handler: (record: JournalRecord) => Promise<void>; letGo: () => void; started: string[] } {
  const started: string[] = []
  let letGo = (): void => undefined
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  return {
    started,
    letGo,
    handler: async ({ key }) => {
      started.push(key)
      await gate
    },
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a replay', () => {
  it('hands on what waits, in order and one after the other, and marks it as handled', async () => {
    const { journal, files } = await withTickets('a', 'b', 'c')
    const calls: string[] = []
    const result = await journal.replay(async ({ key, data }) => {
      calls.push(`${key} begins ${JSON.stringify(data)}`)
      await settled()
      calls.push(`${key} ends`)
    })
    expect(result).toEqual({ handled: 3, failed: 0, failures: [], complete: true })
    expect(calls).toEqual(['a', 'b', 'c'].flatMap((key) => [`${key} begins {"key":"${key}"}`, `${key} ends`]))
    expect(await journal.replay(() => expect.unreachable())).toMatchObject({ handled: 0, complete: true })
    expect(await waiting((await open(files.afterPowerLoss(() => 0.99))).journal)).toEqual([])
  })

  it('hands on nothing before the mark of the one before is on the disk', async () => {
    const { journal, files } = await withTickets('a', 'b')
    await journal.replay(async ({ key }) => {
      if (key === 'a') return
      const { journal: other } = await open(files.afterPowerLoss(() => 0.99))
      expect(await waiting(other)).toEqual(['b'])
    })
    expect(await waiting(journal)).toEqual([])
  })

  it('stops at the first failure, keeps the record and the order, and says what went wrong', async () => {
    const { journal } = await withTickets('a', 'b', 'c')
    const away = new Error('away')
    const handler = ({ key }: JournalRecord): void => {
      if (key === 'b') throw away
    }
    expect(await journal.replay(handler)).toEqual({
      handled: 1,
      failed: 1,
      failures: [{ sequence: 2, error: away }],
      complete: false,
    })
    expect(await waiting(journal)).toEqual(['b', 'c'])
    expect(await journal.replay(() => undefined)).toMatchObject({ handled: 2, complete: true })
  })

  it('goes on after a failure where it is told to, and decides by the error', async () => {
    const { journal } = await withTickets('a', 'b', 'c', 'd')
    const handler = async ({ key }: JournalRecord): Promise<void> => {
      if (key === 'a') throw new Error('poison')
      if (key === 'c') throw new Error('away')
    }
    const seen: number[] = []
    const result = await journal.replay(handler, {
      onFailure: (error, { sequence }) => {
        seen.push(sequence)
        return String(error).includes('poison') ? 'continue' : 'stop'
      },
    })
    expect(result).toMatchObject({ handled: 1, failed: 2, complete: false })
    expect(seen).toEqual([1, 3])
    expect(await waiting(journal)).toEqual(['a', 'c', 'd'])
    expect(await journal.replay(handler, { onFailure: 'continue' })).toMatchObject({
      handled: 1,
      failed: 2,
      complete: true,
    })
  })

  it('refuses a handler, or a rule, that is none', async () => {
    const { journal } = await withTickets('a')
    const refused = { code: 'INVALID_OPTION', category: 'validation' }
    expect(await rejection(journal.replay('x' as never))).toMatchObject(refused)
    expect(await rejection(journal.replay(() => 1, { onFailure: 'skip' as never }))).toMatchObject(refused)
  })

  it('keeps the first hundred failures only', async () => {
    const { journal } = await withTickets(...Array.from({ length: 120 }, (_, index) => String(index)))
    const result = await journal.replay(() => Promise.reject(new Error('no')), { onFailure: 'continue' })
    expect(result.failed).toBe(120)
    expect(result.failures).toHaveLength(100)
  })

  it('takes what was there when it began, without what is handled meanwhile', async () => {
    const { journal } = await withTickets('a', 'b', 'c')
    const seen: string[] = []
    await journal.replay(async ({ key }) => {
      seen.push(key)
      if (key !== 'a') return
      await journal.done(2)
      await journal.append(ticket('late'))
    })
    expect(seen).toEqual(['a', 'c'])
    expect(await waiting(journal)).toEqual(['late'])
  })

  it('is one at a time', async () => {
    const { journal } = await withTickets('a')
    const { handler, letGo } = held()
    const first = journal.replay(handler)
    expect(await rejection(journal.replay(handler))).toMatchObject({ code: 'JOURNAL_REPLAY_RUNNING' })
    letGo()
    await first
    expect(await journal.replay(handler)).toMatchObject({ handled: 0 })
  })

  it('ends at an abort with its reason at once; what the handler had begun is marked all the same, and nobody else gets it', async () => {
    const { journal } = await withTickets('a', 'b')
    const controller = new AbortController()
    const { handler, letGo, started } = held()
    let signal: AbortSignal | undefined
    const replay = rejection(
      journal.replay((record, context) => {
        signal = context.signal
        return handler(record)
      }, controller),
    )
    await settled()
    controller.abort('left')
    expect(await replay).toBe('left')
    expect(signal?.reason).toBe('left')
    expect(await rejection(journal.replay(handler))).toMatchObject({ code: 'JOURNAL_REPLAY_RUNNING' })
    letGo()
    await settled()
    await settled()
    expect(started).toEqual(['a'])
    expect(await waiting(journal)).toEqual(['b'])
    expect(await rejection(journal.replay(handler, { signal: AbortSignal.abort('gone') }))).toBe('gone')
  })

  it('is stopped by a close, which waits for the record that is being handled', async () => {
    const { journal, files } = await withTickets('a', 'b')
    const { handler, letGo, started } = held()
    const replay = rejection(journal.replay(handler))
    await settled()
    let isClosed = false
    const closed = journal.close().then(() => (isClosed = true))
    await settled()
    expect(isClosed).toBe(false)
    letGo()
    await closed
    expect(await replay).toMatchObject({ code: 'JOURNAL_CLOSED' })
    expect(started).toEqual(['a'])
    expect(await waiting((await open(files)).journal)).toEqual(['b'])
  })

  it('ends with the error when a mark does not reach the disk, and hands the record on again', async () => {
    const { journal, files, clock } = await withTickets('a', 'b')
    const seen: string[] = []
    const handler = ({ key }: JournalRecord): void => void seen.push(key)
    files.fail('sync', 'EIO')
    expect(await rejection(journal.replay(handler))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
    await clock.advance(1_000)
    await journal.replay(handler)
    expect(seen).toEqual(['a', 'a', 'b'])
  })

  it('takes a record that cannot be read for one that could not be handled', async () => {
    const { journal, files } = await withTickets('a', 'b')
    files.change('000000000001.log', (content) => {
      content.write('X', content.indexOf('"key":"a"') + 7)
      return content
    })
    const result = await journal.replay(() => undefined, { onFailure: 'continue' })
    expect(result).toMatchObject({ handled: 1, failed: 1 })
    expect(result.failures[0]?.error).toMatchObject({ code: 'JOURNAL_RECORD_UNREADABLE', category: 'malformed' })
    files.fail('read', 'EIO')
    expect(await waiting(journal).catch(() => 'fails'), 'the damaged one').toBe('fails')
    files.fail('read', 'EIO', 9)
    expect(await rejection(waiting(journal))).toMatchObject({ code: 'JOURNAL_RECORD_UNREADABLE' })
  })

  it('finds records that are moved to another file while it runs', async () => {
    const { journal, files } = await open(memoryFiles(), { segmentBytes: 1_024, rememberedKeys: 0 })
    for (let key = 0; key < 20; key += 1) await journal.append(ticket(String(key), 'x'.repeat(100)))
    const before = files.names()
    const seen: string[] = []
    await journal.replay(async ({ key }) => {
      seen.push(key)
      // Marks of younger ones fill the files until the oldest is emptied.
      if (key === '0') await markFrom(journal, 5)
    })
    expect(seen).toEqual(['0', '1', '2', '3', '4'])
    expect(files.names().filter((name) => before.includes(name)).length).toBeLessThan(before.length)
    expect(await waiting(journal)).toEqual([])
  })
})

/** All but the first few, oldest last. */
async function markFrom(journal: Journal, first: number): Promise<void> {
  for (let sequence = 20; sequence > first; sequence -= 1) await journal.done(sequence)
}

describe('a replay of several records at once', () => {
  it('hands on those of several tenants, and each tenant’s in order', async () => {
    const { journal } = await open()
    for (const tenant of ['a', 'b', 'c']) {
      for (const key of ['1', '2']) await journal.append({ ...ticket(key), tenant })
    }
    let running = 0
    let most = 0
    const began: string[] = []
    const handler = async ({ tenant, key }: JournalRecord): Promise<void> => {
      began.push(`${tenant}${key}`)
      running += 1
      most = Math.max(most, running)
      await settled()
      await settled()
      running -= 1
    }
    expect(await journal.replay(handler, { concurrency: 4 })).toMatchObject({ handled: 6, complete: true })
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThan(4)
    for (const tenant of ['a', 'b', 'c']) expect(began.indexOf(`${tenant}1`)).toBeLessThan(began.indexOf(`${tenant}2`))
    expect(await waiting(journal)).toEqual([])
  })

  it('begins nothing new after a failure that stops it, and marks what was under way', async () => {
    const { journal } = await open()
    for (const [index, tenant] of ['a', 'b', 'a', 'c', 'd', 'e'].entries())
      await journal.append({ ...ticket(String(index)), tenant })
    const began: string[] = []
    const handler = async ({ tenant }: JournalRecord): Promise<void> => {
      began.push(tenant)
      await settled()
      if (tenant === 'a') throw new Error('no')
      await settled()
    }
    const result = await journal.replay(handler, { concurrency: 3 })
    expect(result).toMatchObject({ handled: 1, failed: 1, complete: false })
    expect(began).toEqual(['a', 'b'])
    expect(journal.snapshot().pending).toBe(5)
  })

  it('rejects with a mark that does not reach the disk, when what was under way has ended', async () => {
    const { journal, files } = await open()
    for (const tenant of ['a', 'b', 'c']) await journal.append({ ...ticket('1'), tenant })
    files.fail('sync', 'EIO')
    let running = 0
    const replaying = journal.replay(
      async () => {
        running += 1
        await settled()
        running -= 1
      },
      { concurrency: 2 },
    )
    expect(await rejection(replaying)).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
    expect(running).toBe(0)
  })

  it.each([0, 1.5, 1_001])('refuses the concurrency %s', async (concurrency) => {
    const { journal } = await open()
    expect(await rejection(journal.replay(() => undefined, { concurrency }))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})
