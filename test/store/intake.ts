import { lost } from './away.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema, Store } from '@holdfast/store/database'
import { createIntake } from '@holdfast/store/intake'
import type { Entries, EntryKind, Intake } from '@holdfast/store/intake'
import { openJournal } from '@holdfast/store/journal'
import type { Journal } from '@holdfast/store/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newTenant } from './conformance.ts'

const ENTRIES: { readonly [Kind in EntryKind]: Entries[Kind] } = {
  ticket: { number: 'EMG-1', message: 'Help', details: { from: 'ada' } },
  lead: { source: 'web', status: 'hot' },
  handover: { reason: 'asked for', summary: "It's urgent \\ 😀", conversation: 'c-7' },
  mail: { recipients: ['a@example.com', 'b@example.com'], subject: 'Hello', body: 'Bye', details: { re: ['x'] } },
  audit: { action: 'looked', target: 'request:7' },
}

const TABLES = { ticket: 'tickets', lead: 'leads', handover: 'handovers', mail: 'mails', audit: 'audit' } as const
const KINDS = Object.keys(ENTRIES) as EntryKind[]

/** A store that a test takes away: before a transaction, or after its commit. */
class Switched {
  state: 'there' | 'away' | 'silent' = 'there'
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  readonly withClaims: Store['withClaims'] = (...call) => this.#guarded(() => this.#store.withClaims(...call))
  readonly asWorker: Store['asWorker'] = (...call) => this.#guarded(() => this.#store.asWorker(...call))

  async #guarded<T>(transact: () => Promise<T>): Promise<T> {
    if (this.state === 'away') throw lost(false)
    const result = await transact()
    if (this.state === 'silent') throw lost(true)
    return result
  }
}

/** What the intake has to hold on every engine. @param open opens a store that is empty. */
export function describeIntake(engine: string, open: () => Promise<Store>): void {
  describe(`the intake over ${engine}`, () => {
    let store: Store
    let switched: Switched
    let folder: string
    let journal: Journal
    let intake: Intake

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-intake-'))
      store = await open()
      switched = new Switched(store)
      journal = await openJournal({ directory: folder })
      intake = createIntake({ store: switched, journal, retryDelayMs: 10, maxRetryDelayMs: 20 })
    }, 60_000)
    afterAll(async () => {
      await intake?.close()
      await journal?.close()
      await store?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const rowsOf = (tenant: string, table: keyof Schema): Promise<readonly object[]> =>
      store.asWorker(tenant, (transaction) => transaction.selectFrom(table).selectAll().execute())
    const replayed = (): Promise<void> => expect.poll(() => intake.status().waiting, { timeout: 10_000 }).toBe(0)

    it.each(['there', 'away', 'silent'] as const)(
      'has an entry of each kind in its table, once, when the store is %s',
      async (state) => {
        const tenant = await newTenant(store)
        switched.state = state
        const before = Date.now()
        const offer = (kind: EntryKind): ReturnType<Intake['accept']> =>
          intake.accept(kind, { tenant, user: 'ada' }, ENTRIES[kind], { idempotencyKey: `${kind}-1` })
        for (const kind of KINDS) {
          const { where, id } = await offer(kind)
          expect([kind, where]).toEqual([kind, state === 'there' ? 'store' : 'journal'])
          expect((await offer(kind)).id).toBe(id)
        }
        const after = Date.now()
        switched.state = 'there'
        await replayed()
        for (const kind of KINDS) {
          const { id } = await offer(kind)
          const rows = (await rowsOf(tenant, TABLES[kind])) as { readonly created_at: Date }[]
          expect(rows).toMatchObject([{ ...ENTRIES[kind], id, tenant, ...(kind === 'audit' ? { actor: 'ada' } : {}) }])
          expect(rows[0]!.created_at.getTime()).toBeGreaterThanOrEqual(before)
          expect(rows[0]!.created_at.getTime()).toBeLessThanOrEqual(after)
        }
        await expect(
          intake.accept('lead', { tenant, user: 'ada' }, { source: 'mail' }, { idempotencyKey: 'lead-1' }),
        ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
      },
    )

    it('writes a worker’s entries in the name of the tenant', async () => {
      const tenant = await newTenant(store)
      await intake.accept('audit', { tenant }, { action: 'cleaned' }, { idempotencyKey: '1' })
      await intake.accept('audit', { tenant }, { action: 'cleaned', actor: 'cron' }, { idempotencyKey: '2' })
      // A person cannot be somebody else.
      await intake.accept('audit', { tenant, user: 'eve' }, { action: 'x', actor: 'ada' }, { idempotencyKey: '3' })
      const actors = (await rowsOf(tenant, 'audit')).map((row) => (row as { actor: string }).actor)
      expect(actors.toSorted()).toEqual(['cron', 'eve', 'worker'])
    })

    it('refuses at once what the store would not have, and sets it aside where it was accepted before', async () => {
      const ghost = { tenant: 'nobody-knows', user: 'ada' }
      const offer = (key: string): ReturnType<Intake['accept']> =>
        intake.accept('lead', ghost, { source: 'web' }, { idempotencyKey: key })
      await expect(offer('1')).rejects.toMatchObject({ code: 'REFERENCE_MISSING', category: 'client' })
      switched.state = 'away'
      const { id } = await offer('2')
      const tenant = await newTenant(store)
      await intake.accept('lead', { tenant, user: 'ada' }, { source: 'web' }, { idempotencyKey: '1' })
      switched.state = 'there'
      await replayed()
      // The next one was not held up.
      expect(await rowsOf(tenant, 'leads')).toHaveLength(1)
      expect(await intake.setAside()).toMatchObject([
        { id, idempotencyKey: '2', reason: { code: 'REFERENCE_MISSING' } },
      ])
      await store.asWorker(ghost.tenant, (transaction) =>
        transaction.insertInto('tenants').values({ id: ghost.tenant, name: 'Known now' }).execute(),
      )
      await intake.retry(id)
      expect(await rowsOf(ghost.tenant, 'leads')).toMatchObject([{ id }])
      expect(await intake.setAside()).toEqual([])
    })

    it('does not bring back what was removed since, when an answer had been lost', async () => {
      const tenant = await newTenant(store)
      switched.state = 'silent'
      const { id } = await intake.accept('lead', { tenant, user: 'ada' }, { source: 'web' }, { idempotencyKey: '1' })
      await store.asWorker(tenant, (transaction) => transaction.deleteFrom('leads').where('id', '=', id).execute())
      switched.state = 'there'
      await replayed()
      expect(await rowsOf(tenant, 'leads')).toEqual([])
    })
  })
}
