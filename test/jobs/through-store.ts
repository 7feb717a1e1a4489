import { randomUUID } from 'node:crypto'
import { createJobs } from '@holdfast/agents/jobs'
import type { AddedJob, JobDriver, Jobs } from '@holdfast/agents/jobs'
import type { Store, Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A store, and a queue in the same database. */
export interface StoreWithJobs {
  readonly store: Store
  readonly driver: JobDriver
  /** Runs a statement as the one who may do everything. */
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

/** What holds for jobs that are added in transactions of the store. */
export function describeJobsThroughStore(name: string, open: () => Promise<StoreWithJobs>): void {
  describe(`jobs in transactions of the store on ${name}`, () => {
    let opened: StoreWithJobs
    let jobs: Jobs

    beforeAll(async () => {
      opened = await open()
      jobs = createJobs({ driver: opened.driver })
      for (const id of ['acme', 'globex'])
        await opened.store.asWorker(id, (transaction) =>
          transaction.insertInto('tenants').values({ id, name: id }).execute(),
        )
      // A queue is made by its first use.
      await jobs.counts('mails')
    }, 60_000)
    afterAll(async () => {
      await jobs?.close()
      await opened?.close()
    })

    type As = <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>
    const ways: readonly [string, (tenant: string) => As][] = [
      ['withClaims', (tenant) => (work) => opened.store.withClaims({ tenant, user: 'ada', roles: ['staff'] }, work)],
      ['asWorker', (tenant) => (work) => opened.store.asWorker(tenant, work)],
    ]
    const rowOf = async ({ id }: { readonly id: string }): Promise<Readonly<Record<string, unknown>>> => {
      const [row] = await opened.sql(`select to_jsonb(j) as row from holdfast_jobs.job j where id = '${id}'`)
      const {
        id: _,
        created_on: _at,
        start_after,
        keep_until,
        singleton_key,
        ...rest
      } = row!['row'] as Record<string, string>
      return { ...rest, kept: Date.parse(keep_until!) - Date.parse(start_after!), hasOwnKey: singleton_key === id }
    }
    const codeOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'DONE',
        (error: { readonly code?: unknown }) => error.code,
      )

    it.each(ways)('are there with its rows, or not at all: %s', async (_, as) => {
      const within = as('acme')
      const write = async (transaction: Transaction, subject: string): Promise<AddedJob> => {
        await transaction.insertInto('leads').values({ source: subject }).execute()
        return jobs.add('mails', { subject }, { tenant: 'acme', transaction, requestId: 'r-1', delayMs: 60_000 })
      }
      let gone: AddedJob | undefined
      const rolledBack = within(async (transaction) => {
        gone = await write(transaction, 'gone')
        throw new Error('changed my mind')
      })
      await expect(rolledBack).rejects.toThrow('changed my mind')
      const kept = await within((transaction) => write(transaction, 'kept'))
      expect(kept.state).toBe('added')
      expect(await jobs.get(gone!)).toBeUndefined()
      expect(await jobs.get(kept)).toMatchObject({ state: 'waiting', tenant: 'acme', data: { subject: 'kept' } })
      const leads = await within((transaction) => transaction.selectFrom('leads').select('source').execute())
      expect(leads.map(({ source }) => source)).not.toContain('gone')
      expect(leads.map(({ source }) => source)).toContain('kept')
      // The same row as without a transaction.
      const plain = await jobs.add('mails', { subject: 'kept' }, { tenant: 'acme', requestId: 'r-1', delayMs: 60_000 })
      expect(await rowOf(kept)).toEqual(await rowOf(plain))
    })

    it('are begun at once when it is committed', async () => {
      await jobs.counts('quick')
      const worker = await jobs.work('quick', ({ data }) => data)
      const job = await opened.store.withClaims({ tenant: 'acme', user: 'ada' }, (transaction) =>
        jobs.add('quick', 'done', { tenant: 'acme', transaction }),
      )
      expect(await jobs.result(job, { timeoutMs: 10_000 })).toBe('done')
      await worker.stop()
    })

    it.each(ways)('of one key wait once in a tenant, and nobody hears of those of another: %s', async (way, as) => {
      const add = (tenant: string): Promise<AddedJob> =>
        as(tenant)((transaction) => jobs.add('mails', 1, { tenant, transaction, deduplicationKey: way }))
      const first = await add('acme')
      expect(await add('acme')).toEqual({ ...first, state: 'deduplicated' })
      const other = await add('globex')
      expect([other.state, other.id === first.id]).toEqual(['added', false])
      expect(await jobs.add('mails', 1, { tenant: 'globex', deduplicationKey: way })).toMatchObject({ id: other.id })
    })

    it.each(ways)('are of its own tenant and its own queues: %s', async (_, as) => {
      const victim = await jobs.add('mails', 'secret', { tenant: 'globex', deduplicationKey: 'one', delayMs: 60_000 })
      const within = as('acme')
      const refused = within((transaction) => jobs.add('mails', 1, { tenant: 'globex', transaction }))
      await expect(refused).rejects.toMatchObject({ code: 'NOT_ALLOWED', category: 'client' })
      const call = (queue: string, job: object): Promise<unknown> =>
        codeOf(
          within((transaction) =>
            sql`select holdfast_jobs.add_job(${queue}, ${JSON.stringify(job)}::text::jsonb)`.execute(transaction),
          ),
        )
      const own = { id: randomUUID(), data: { tenant: 'acme' } }
      expect(await call('mails', { ...own, singletonKey: own.id })).toBe('DONE')
      for (const [queue, job] of [
        ['mails', { ...own, data: { tenant: 'globex' } }],
        ['mails', { ...own, data: {} }],
        ['mails', { ...own, id: randomUUID(), singletonKey: victim.id }],
        ['mails', { ...own, id: randomUUID(), singletonKey: '["globex","one"]' }],
        ['holdfast.scheduled', { ...own, singletonKey: own.id }],
      ] as const)
        expect([queue, job, await call(queue, job)]).toEqual([
          queue,
          job,
          expect.stringMatching(/^(NOT_ALLOWED|VALUE_REFUSED)$/),
        ])
      // Whoever guesses an id is not told whose it is.
      expect(await call('mails', { id: victim.id, data: { tenant: 'acme' }, singletonKey: victim.id })).toBe('CONFLICT')
    })

    it.each(ways)('are neither read, counted nor changed by its roles: %s', async (_, as) => {
      for (const text of [
        'select id from holdfast_jobs.job',
        'select count(*) from holdfast_jobs.job_common',
        'select total_count from holdfast_jobs.queue',
        'select data from holdfast_jobs.schedule',
        `update holdfast_jobs.job set data = '{}'`,
        'delete from holdfast_jobs.job_common',
        `insert into holdfast_jobs.job (name) values ('mails')`,
        `select holdfast_jobs.delete_queue('mails')`,
      ])
        expect([text, await codeOf(as('acme')((transaction) => sql.raw(text).execute(transaction)))]).toEqual([
          text,
          'NOT_ALLOWED',
        ])
    })
  })
}
