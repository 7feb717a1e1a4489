import { createEvents, HoldfastError } from '@holdfast/core'
import { type EventRecord, type FakeClock, fakeClock, recordEvents } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import type { ErrorCategory } from '@holdfast/core'
import { DIRECTORY, memoryFiles, type MemoryFiles } from '../../test/memory-files.ts'
import { recordsOf, rejection } from '../../test/open.ts'
import { openJournal, type Journal, type JournalOptions } from '../journal/index.ts'
import { createIntake, type Intake, type IntakeEvent, type IntakeOptions } from './index.ts'

const ADA = { tenant: 'acme', user: 'ada' }

/** What a store does with the next transactions. */
type Behaviour = 'takes' | 'hangs' | 'takes-and-says-nothing' | HoldfastError

/** A store that takes notes in place of rows. */
class FakeStore {
  readonly taken: string[] = []
  readonly asked: string[] = []
  behaviour: (tenant: string) => Behaviour = () => 'takes'

  readonly withClaims: IntakeOptions['store']['withClaims'] = async (claims, _work, options) =>
    (await this.#transact(`${claims.tenant}/${claims.user}`, claims.tenant, options?.signal)) as never

  readonly asWorker: IntakeOptions['store']['asWorker'] = async (tenant, _work, options) =>
    (await this.#transact(`${tenant}/`, tenant, options?.signal)) as never

  async #transact(who: string, tenant: string, signal: AbortSignal | undefined): Promise<boolean> {
    this.asked.push(who)
    const behaviour = this.behaviour(tenant)
    if (behaviour instanceof HoldfastError) throw behaviour
    if (behaviour !== 'takes') {
      if (behaviour === 'takes-and-says-nothing') this.taken.push(who)
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
    }
    this.taken.push(who)
    return false
  }
}

interface Opened {
  readonly intake: Intake
  readonly store: FakeStore
  readonly journal: Journal
  readonly files: MemoryFiles
  readonly clock: FakeClock
  readonly events: EventRecord<IntakeEvent>
}

async function open(
  files: MemoryFiles = memoryFiles(),
  behaviour?: FakeStore['behaviour'],
  options: Partial<JournalOptions> = {},
): Promise<Opened> {
  const clock = fakeClock()
  const channel = createEvents<IntakeEvent>()
  const events = recordEvents(channel)
  const journal = await openJournal({ directory: DIRECTORY, files, clock, ...options })
  const store = new FakeStore()
  if (behaviour !== undefined) store.behaviour = behaviour
  const intake = createIntake({ store, journal, clock, random: () => 1, events: channel })
  return { intake, store, journal, files, clock, events }
}

function failure(code: string, category: ErrorCategory, mayHaveTakenEffect = false): HoldfastError {
  return new HoldfastError({ code, category, message: code, retryable: true, mayHaveTakenEffect })
}

const AWAY = failure('STORE_UNREACHABLE', 'network')

const lead = (intake: Intake, key: string, tenant = 'acme', signal?: AbortSignal): ReturnType<Intake['accept']> =>
  intake.accept('lead', { tenant, user: key }, { source: 'web' }, { idempotencyKey: key, signal })

describe('an intake', () => {
  it('keeps an entry in the store while that is there, and nothing in the journal', async () => {
    const { intake, store, journal, events } = await open()
    const accepted = await intake.accept('lead', ADA, { source: 'web' }, { idempotencyKey: 'k', requestId: 'r1' })
    expect(accepted).toEqual({
      where: 'store',
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/) as string,
    })
    expect(store.taken).toEqual(['acme/ada'])
    expect(await recordsOf(journal)).toEqual([])
    expect(events.of('intake-accepted')).toMatchObject([
      { kind: 'lead', tenant: 'acme', where: 'store', requestId: 'r1' },
    ])
  })

  it.each(['network', 'timeout', 'server', 'overloaded', 'rejected', 'auth', 'configuration', 'unknown'] as const)(
    'keeps it in the journal when the store fails with %s, and brings it over when it is back',
    async (category) => {
      const { intake, store, journal, clock, events } = await open(memoryFiles(), () => failure('X', category))
      const { where, id } = await lead(intake, 'k')
      expect(where).toBe('journal')
      expect(await recordsOf(journal)).toMatchObject([{ kind: 'lead', key: 'k', tenant: 'acme', data: { id } }])
      expect(intake.status()).toMatchObject({ store: 'away', waiting: 1, lastFailure: { code: 'X', category } })
      store.behaviour = () => 'takes'
      await clock.advance(250)
      expect(await recordsOf(journal)).toEqual([])
      expect(store.taken).toEqual(['acme/k'])
      expect(intake.status()).toMatchObject({ store: 'there', waiting: 0 })
      expect(events.all.map(({ type }) => type)).toEqual([
        'intake-store-away',
        'intake-accepted',
        'intake-replayed',
        'intake-store-back',
      ])
    },
  )

  it('does not ask a store that is away for each entry, and asks it again less and less often', async () => {
    const { intake, store, clock } = await open(memoryFiles(), () => AWAY)
    for (let key = 0; key < 50; key += 1) await lead(intake, String(key))
    await clock.advance(0)
    // The first entry, and the first look of the replay.
    expect(store.asked.length).toBe(2)
    await clock.advance(250 + 500 + 1_000 + 2_000 + 4_000 + 8_000 + 10_000)
    expect(store.asked.length).toBe(9)
    expect(intake.status().nextReplayInMs).toBe(10_000)
  })

  it('brings entries over in their order, and lets a tenant’s next ones wait behind them', async () => {
    const { intake, store, clock } = await open(memoryFiles(), () => AWAY)
    for (const key of ['1', '2', '3']) await lead(intake, key)
    let isStuck = true
    store.behaviour = () => (isStuck ? 'hangs' : 'takes')
    await clock.advance(300)
    // The replay is at the first; another tenant has none that wait.
    expect((await lead(intake, '4')).where).toBe('journal')
    isStuck = false
    await intake.close()
    expect(store.taken).toEqual([])
  })

  it('goes on with what an earlier process has left, before the tenant’s next', async () => {
    const first = await open(memoryFiles(), () => AWAY)
    await lead(first.intake, '1')
    await lead(first.intake, '2')
    const again = await open(first.files.afterKill())
    expect((await lead(again.intake, '3')).where).toBe('journal')
    await again.clock.advance(0)
    expect(again.store.taken).toEqual(['acme/1', 'acme/2', 'acme/3'])
    expect((await lead(again.intake, '4')).where).toBe('store')
  })

  it('takes a store that does not answer in its time for away, whether or not it has the entry', async () => {
    for (const behaviour of ['hangs', 'takes-and-says-nothing'] as const) {
      const { intake, clock, journal } = await open(memoryFiles(), () => behaviour)
      const accepting = lead(intake, 'k')
      await clock.advance(1_999)
      expect(await recordsOf(journal)).toEqual([])
      await clock.advance(1)
      expect((await accepting).where).toBe('journal')
      await intake.close()
    }
  })

  it('rejects what the store refuses, and keeps it nowhere', async () => {
    const { intake, journal } = await open(memoryFiles(), () => failure('REFERENCE_MISSING', 'client'))
    expect(await rejection(lead(intake, 'k'))).toMatchObject({ code: 'REFERENCE_MISSING' })
    expect(await recordsOf(journal)).toEqual([])
    expect(intake.status().store).toBe('there')
  })

  it('sets aside what the store refuses later, tells why, and goes on', async () => {
    const { intake, store, clock, journal, files, events } = await open(memoryFiles(), () => AWAY)
    const bad = await lead(intake, 'bad', 'gone')
    await lead(intake, 'good')
    store.behaviour = (tenant) => (tenant === 'gone' ? failure('REFERENCE_MISSING', 'client') : 'takes')
    await clock.advance(250)
    expect(store.taken).toEqual(['acme/good'])
    expect(intake.status()).toMatchObject({ store: 'there', waiting: 0, setAside: 1 })
    const [aside] = await intake.setAside()
    expect(aside).toEqual({
      id: bad.id,
      kind: 'lead',
      tenant: 'gone',
      idempotencyKey: 'bad',
      entry: { source: 'web' },
      acceptedAt: expect.any(Number) as number,
      reason: { code: 'REFERENCE_MISSING', message: 'REFERENCE_MISSING' },
    })
    expect(events.of('intake-set-aside')).toMatchObject([{ id: bad.id, code: 'REFERENCE_MISSING' }])
    // It is not offered again by itself, also not after a restart.
    const asked = store.asked.length
    await clock.advance(100_000)
    expect(store.asked.length).toBe(asked)
    await journal.close()
    const again = await open(files)
    await again.clock.advance(0)
    expect(again.store.asked).toEqual([])
    expect(await again.intake.setAside()).toEqual([aside])
    expect(again.intake.status()).toMatchObject({ waiting: 0, setAside: 1 })
    // By hand it is.
    again.store.behaviour = () => failure('REFERENCE_MISSING', 'client')
    expect(await rejection(again.intake.retry(bad.id))).toMatchObject({ code: 'REFERENCE_MISSING' })
    again.store.behaviour = () => 'takes'
    await again.intake.retry(bad.id)
    expect(again.store.taken).toEqual(['gone/bad'])
    expect(again.intake.status().setAside).toBe(0)
    expect(await rejection(again.intake.discard(bad.id))).toMatchObject({ code: 'INTAKE_ENTRY_UNKNOWN' })
  })

  it('gives one up when it is told to', async () => {
    const { intake, store, clock } = await open(memoryFiles(), () => AWAY)
    const { id } = await lead(intake, 'bad')
    store.behaviour = () => failure('NOT_ALLOWED', 'client')
    await clock.advance(250)
    await intake.discard(id)
    expect(await intake.setAside()).toEqual([])
  })

  it('sets it aside once when it is killed at any step of that', async () => {
    const whole = memoryFiles()
    const play = async (files: MemoryFiles): Promise<void> => {
      const first = await open(files, () => AWAY)
      await lead(first.intake, 'bad')
      first.store.behaviour = () => failure('NOT_ALLOWED', 'client')
      await first.clock.advance(250)
      await first.journal.close()
    }
    await play(whole)
    for (let crash = 0; crash <= whole.spent; crash += 3) {
      const files = memoryFiles()
      files.crashAt(crash)
      await play(files).catch(() => undefined)
      const again = await open(files.afterKill(), () => failure('VALUE_REFUSED', 'client'))
      const { where } = await lead(again.intake, 'bad').catch(() => ({ where: 'refused' }))
      await again.clock.advance(500)
      expect([crash, where, (await again.intake.setAside()).length]).toEqual([
        crash,
        where,
        where === 'journal' ? 1 : 0,
      ])
      await again.journal.close()
    }
  })

  it('tries the store all the same when the journal does not take an entry', async () => {
    const { intake, store, files } = await open(memoryFiles(), () => AWAY)
    await lead(intake, '1')
    store.behaviour = () => 'takes'
    files.fail('sync', 'ENOSPC')
    expect((await lead(intake, '2')).where).toBe('store')
    store.behaviour = () => AWAY
    files.fail('sync', 'ENOSPC')
    expect(await rejection(lead(intake, '3'))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
  })

  it('refuses more than the journal holds, and says so', async () => {
    const { intake } = await open(memoryFiles(), () => AWAY, { maxPending: 2 })
    await lead(intake, '1')
    await lead(intake, '2')
    expect(await rejection(lead(intake, '3'))).toMatchObject({ code: 'JOURNAL_FULL', category: 'rejected' })
  })

  it('keeps a key once in the journal, with one id, and refuses it for something else', async () => {
    const { intake, journal } = await open(memoryFiles(), () => AWAY)
    const first = await intake.accept('audit', ADA, { action: 'x', details: { a: 1 } }, { idempotencyKey: 'k' })
    const second = await intake.accept('audit', ADA, { details: { a: 1 }, action: 'x' }, { idempotencyKey: 'k' })
    expect(second).toEqual(first)
    expect(await recordsOf(journal)).toHaveLength(1)
    const other = intake.accept('audit', ADA, { action: 'y' }, { idempotencyKey: 'k' })
    expect(await rejection(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    const another = await intake.accept('audit', { tenant: 'b' }, { action: 'x' }, { idempotencyKey: 'k' })
    expect(another.id).not.toBe(first.id)
  })

  it('honours an abort at once, with its reason, and takes no longer than its time', async () => {
    const { intake, clock } = await open(memoryFiles(), () => 'hangs')
    const caller = new AbortController()
    const left = rejection(lead(intake, '1', 'acme', caller.signal))
    caller.abort('left')
    expect(await left).toBe('left')
    expect(await rejection(lead(intake, '1', 'acme', AbortSignal.abort('before')))).toBe('before')
    await clock.advance(10_000)
    expect(intake.status().waiting).toBe(0)
  })

  it('ends in its time when neither store nor disk answers', async () => {
    const { store, clock, journal } = await open(memoryFiles(), () => 'hangs')
    const stuck = { ...journal, append: () => new Promise<never>(() => undefined) }
    const ended = rejection(lead(createIntake({ store, journal: stuck, clock }), '1'))
    await clock.advance(4_999)
    expect(await Promise.race([ended, 'waits'])).toBe('waits')
    await clock.advance(1)
    expect(await ended).toMatchObject({ code: 'INTAKE_TIMEOUT', category: 'timeout', mayHaveTakenEffect: true })
  })

  it('closes once, takes nothing after that, and leaves what waits in the journal', async () => {
    const { intake, journal, clock } = await open(memoryFiles(), () => AWAY)
    const accepting = lead(intake, '1')
    await Promise.all([intake.close(), intake.close()])
    expect((await accepting).where).toBe('journal')
    expect(await rejection(lead(intake, '2'))).toMatchObject({ code: 'INTAKE_CLOSED' })
    expect(intake.status()).toMatchObject({ state: 'closed', waiting: 1 })
    expect(await recordsOf(journal)).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it.each<[string, unknown, object, RegExp]>([
    ['nothing', {}, { idempotencyKey: 'k' }, /kind must be one of ticket, lead, handover, mail, audit/],
    ['lead', {}, { idempotencyKey: 'k' }, /source of a lead must be text of 1 to 200 characters/],
    ['lead', { source: 'x', owner: 'y' }, { idempotencyKey: 'k' }, /a lead has source, client_id, status, details/],
    ['lead', { source: 'a\0' }, { idempotencyKey: 'k' }, /without the character NUL/],
    ['lead', { source: 'x', details: { a: ['\ud800'] } }, { idempotencyKey: 'k' }, /halves of characters/],
    ['lead', { source: 'x', details: { a: 1n } }, { idempotencyKey: 'k' }, /must be what JSON can hold/],
    ['lead', { source: 'x', details: [] }, { idempotencyKey: 'k' }, /details of a lead must be an object/],
    ['lead', { source: 'x' }, { idempotencyKey: '' }, /idempotencyKey must be text of 1 to 200/],
    ['mail', { recipients: [], subject: 's', body: 'b' }, { idempotencyKey: 'k' }, /a list of 1 to 100 addresses/],
    ['ticket', { number: 'T', message: 'x'.repeat(300_000) }, { idempotencyKey: 'k' }, /may have 262144 bytes/],
  ])('refuses an entry that is none, and keeps it nowhere: %s %#', async (kind, entry, options, allowed) => {
    const { intake, store } = await open()
    const refused = await rejection(intake.accept(kind as 'lead', ADA, entry as { source: string }, options as never))
    expect(refused).toMatchObject({ category: 'validation', message: expect.stringMatching(allowed) as string })
    expect(store.asked).toEqual([])
  })

  it('takes texts that look like escapes, and whole characters, for what they are', async () => {
    const { intake } = await open()
    const source = String.raw`\u0000 \\u0000 \ud800` + '😀'
    expect((await intake.accept('lead', ADA, { source }, { idempotencyKey: 'k' })).where).toBe('store')
  })

  it.each([
    { store: undefined },
    { journal: {} },
    { storeTimeoutMs: 0 },
    { storeTimeoutMs: 3_000, timeoutMs: 2_000 },
    { retryDelayMs: 1.5 },
    { retryDelayMs: 500, maxRetryDelayMs: 400 },
    { maxEntryBytes: 255 },
  ])('refuses the options %j', async (wrong) => {
    const { store, journal } = await open()
    expect(() => createIntake({ store, journal, ...wrong } as IntakeOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
