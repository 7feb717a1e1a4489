import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { openJournal } from '@holdfast/store/journal'
import type { JournalOptions } from '@holdfast/store/journal'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import type { AcceptedRequest } from './accepted-request.ts'
import { openRequestJournal } from './request-journal.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-request-journal-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}

function request(id: string, over: Partial<AcceptedRequest> = {}): AcceptedRequest {
  const asked = { desk: 'charter', text: 'A flight', criteria: {}, workflow: 'charter-request', input: { id } }
  return { id, tenant: 'acme', user: 'ada', key: id, fingerprint: 'f', ...asked, ...over }
}

const failure = (code: string, category: HoldfastError['category']): HoldfastError =>
  new HoldfastError({ code, category, message: code, retryable: true, mayHaveTakenEffect: false })
const AWAY = failure('STORE_UNREACHABLE', 'network')

/** A journal on the disk before a store that does as told. */
async function open(directory: string, options: Partial<JournalOptions> = {}) {
  const clock = fakeClock()
  const log = fakeLog()
  const begun: string[] = []
  const store: { behaviour: (accepted: AcceptedRequest) => Error | undefined } = { behaviour: () => AWAY }
  const journal = await openJournal({ directory, ...options })
  const requests = await openRequestJournal({
    journal,
    clock,
    log,
    begin: async (accepted) => {
      const failed = store.behaviour(accepted)
      if (failed !== undefined) throw failed
      begun.push(accepted.id)
    },
  })
  let isClosed = false
  const close = async (): Promise<void> => {
    if (!isClosed) await requests.close()
    isClosed = true
  }
  ends.push(close)
  const settled = (size: number): Promise<void> =>
    expect
      .poll(async () => {
        await clock.advance(10_000)
        return requests.size
      })
      .toBe(size)
  return { requests, store, begun, clock, log, close, settled }
}

describe('the journal of requests', () => {
  it('keeps a request while the store is away, and begins it once when that is back', async () => {
    const { requests, store, begun, settled, clock } = await open(await newDirectory())
    requests.start()
    expect(await requests.accept(request('1'))).toBe(false)
    expect(await requests.accept(request('1'))).toBe(true)
    await clock.advance(60_000)
    expect([begun, requests.isAway, requests.size]).toEqual([[], true, 1])
    expect(requests.find('1')?.accepted.text).toBe('A flight')
    store.behaviour = () => undefined
    await settled(0)
    expect([begun, requests.isAway, requests.find('1')]).toEqual([['1'], false, undefined])
    // Its key is remembered by the journal, and by the store for longer.
    expect(await requests.accept(request('1'))).toBe(true)
    expect(await requests.accept(request('1', { input: 'as it is read a day later' }))).toBe(true)
  })

  it('brings over after a restart what an earlier process has accepted, and not before it is told to', async () => {
    const directory = await newDirectory()
    const first = await open(directory)
    await Promise.all(['1', '2', '3'].map((id) => first.requests.accept(request(id))))
    await first.close()
    const second = await open(directory)
    second.store.behaviour = () => undefined
    expect([second.requests.size, second.requests.isAway]).toEqual([3, true])
    await second.clock.advance(60_000)
    expect(second.begun).toEqual([])
    second.requests.start()
    await second.settled(0)
    expect(second.begun).toEqual(['1', '2', '3'])
  })

  it('refuses a key that waits for another request, also of two that come at once', async () => {
    const { requests } = await open(await newDirectory())
    const offers = [requests.accept(request('1')), requests.accept(request('1', { fingerprint: 'other' }))]
    expect(await Promise.allSettled(offers)).toMatchObject([
      { status: 'fulfilled', value: false },
      { status: 'rejected', reason: { code: 'IDEMPOTENCY_KEY_REUSED' } },
    ])
    expect(requests.size).toBe(1)
  })

  it('keeps nothing when it is full, and says so', async () => {
    const { requests } = await open(await newDirectory(), { maxPending: 1 })
    await requests.accept(request('1'))
    await expect(requests.accept(request('2'))).rejects.toMatchObject({ code: 'JOURNAL_FULL' })
    expect([requests.size, requests.find('2')]).toEqual([1, undefined])
  })

  it('keeps what the store refuses for good aside, tells of it, and brings the others over', async () => {
    const directory = await newDirectory()
    const first = await open(directory)
    first.store.behaviour = ({ id }) => (id === '1' ? failure('IDEMPOTENCY_KEY_REUSED', 'validation') : undefined)
    await first.requests.accept(request('1'))
    await first.requests.accept(request('2'))
    first.requests.start()
    await first.settled(1)
    await first.clock.advance(60_000)
    expect([first.begun, first.requests.refused, first.requests.isAway]).toEqual([['2'], 1, false])
    expect(first.requests.find('1')?.refused).toBe('IDEMPOTENCY_KEY_REUSED')
    expect(first.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    await first.close()
    const second = await open(directory)
    second.store.behaviour = () => undefined
    second.requests.start()
    await second.settled(0)
    expect(second.begun).toEqual(['1'])
  })

  it('tries a tenant with too much to do again, while the others go on', async () => {
    const { requests, store, begun, settled } = await open(await newDirectory())
    let isFull = true
    store.behaviour = ({ tenant }) => (isFull && tenant === 'acme' ? failure('TOO_MANY_RUNS', 'rejected') : undefined)
    await requests.accept(request('1'))
    await requests.accept(request('2', { tenant: 'other' }))
    requests.start()
    await settled(1)
    expect([begun, requests.refused, requests.isAway]).toEqual([['2'], 0, false])
    isFull = false
    await settled(0)
    expect(begun).toEqual(['2', '1'])
  })
})
