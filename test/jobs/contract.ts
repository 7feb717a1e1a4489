import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobs, UnrecoverableJobError } from '@holdfast/agents/jobs'
import type { JobDriver, JobEvent, Jobs, JobReference, RunningJob } from '@holdfast/agents/jobs'
import { createEvents } from '@holdfast/core'
import { openJournal } from '@holdfast/store/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** An engine under test. */
export interface Engine {
  driver(): JobDriver
  /** Ends it as an outage does, and begins it again; left out for one that is inside the process. */
  readonly outage?: { down(): Promise<void>; up(): Promise<void> }
}

const QUICK = { retry: { maxRetries: 0 } }

/** What every driver has to hold. */
export function describeJobs(
  name: string,
  where: 'inside' | 'on a server',
  open: () => Promise<{ readonly engine: Engine; close(): Promise<void> }>,
): void {
  describe(`jobs on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let jobs: Jobs
    let queues = 0
    const seen: JobEvent[] = []

    beforeAll(async () => {
      opened = await open()
      const events = createEvents<JobEvent>()
      events.on((event) => seen.push(event))
      jobs = createJobs({ driver: opened.engine.driver(), events })
    }, 60_000)
    afterAll(async () => {
      await jobs?.close({ drainMs: 100 })
      await opened?.close()
    })

    const newQueue = (): string => `queue-${(queues += 1)}`
    const resultOf = (job: JobReference): Promise<unknown> => jobs.result(job, { timeoutMs: 20_000 })
    const failureOf = (job: JobReference): Promise<unknown> =>
      resultOf(job).then(
        () => 'done',
        (error: { cause?: unknown; code: string }) => error.cause ?? error.code,
      )

    it('are done, and their result is waited for, from this side and from another', async () => {
      const queue = newQueue()
      const literal = String.raw`a\u0000b`
      expect(await jobs.add(newQueue(), { literal })).toMatchObject({ state: 'added' })
      await jobs.work<{ n: number }>(queue, ({ data, tenant, attempt, traceparent, requestId }) => ({
        twice: data.n * 2,
        tenant,
        attempt,
        traceparent,
        requestId,
      }))
      const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
      const job = await jobs.add(queue, { n: 21 }, { tenant: 'acme', requestId: 'r-1', traceparent })
      expect(job).toMatchObject({ queue, state: 'added' })
      expect(await resultOf(job)).toEqual({ twice: 42, tenant: 'acme', attempt: 1, traceparent, requestId: 'r-1' })
      const other = createJobs({ driver: opened.engine.driver() })
      try {
        const later = await jobs.add(queue, { n: 1 })
        expect(await other.result(later, { timeoutMs: 20_000 })).toMatchObject({ twice: 2 })
        expect(await other.get(later)).toMatchObject({
          state: 'completed',
          attempts: 1,
          tenant: 'default',
          data: { n: 1 },
        })
      } finally {
        await other.close()
      }
      const of = seen.filter((event) => 'id' in event && event.id === job.id)
      // A worker may be quicker than the answer to whoever added it.
      expect(new Set(of.map(({ type }) => type))).toEqual(new Set(['job-added', 'job-started', 'job-ended']))
      expect(of).toHaveLength(3)
      expect(of.find(({ type }) => type === 'job-ended')).toMatchObject({
        outcome: 'completed',
        tenant: 'acme',
        requestId: 'r-1',
      })
    })

    it('that are not known, or not over in time, are told apart', async () => {
      const queue = newQueue()
      const job = await jobs.add(queue, 1)
      await expect(jobs.result(job, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'RESULT_TIMEOUT',
        category: 'timeout',
      })
      const caller = new AbortController()
      const waiting = jobs.result(job, { signal: caller.signal })
      const reason = new Error('hung up')
      caller.abort(reason)
      await expect(waiting).rejects.toBe(reason)
      await expect(jobs.result({ queue, id: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject({
        code: 'JOB_UNKNOWN',
      })
      expect(await jobs.get(job)).toMatchObject({ state: 'waiting', attempts: 0 })
      expect(await jobs.counts(queue)).toEqual({ waiting: 1, running: 0, failed: 0 })
    })

    it('are begun in the order of their priority, and of their age', async () => {
      const queue = newQueue()
      for (const priority of ['low', 'normal', 'urgent', 'high', undefined] as const) {
        await jobs.add(queue, priority ?? 'normal, later', priority === undefined ? {} : { priority })
      }
      const order: unknown[] = []
      const worker = await jobs.work(queue, ({ data }) => order.push(data))
      await expect.poll(() => order.length, { timeout: 10_000 }).toBe(5)
      expect(order).toEqual(['urgent', 'high', 'normal', 'normal, later', 'low'])
      await worker.stop()
    })

    it('wait for their time', async () => {
      const queue = newQueue()
      await jobs.work(queue, () => Date.now())
      const before = Date.now()
      const at = (await resultOf(await jobs.add(queue, 1, { delayMs: 1_200 }))) as number
      expect(at - before).toBeGreaterThanOrEqual(1_150)
      expect(at - before).toBeLessThan(5_000)
    })

    it('are tried again, and kept as dead letters when that is in vain', async () => {
      const queue = newQueue()
      const attempts: number[] = []
      await jobs.work<string>(queue, ({ data, attempt }) => {
        attempts.push(attempt)
        if (data === 'third time' && attempt === 3) return 'lucky'
        throw Object.assign(new Error(`no, not the ${attempt}`), { code: 'NOT_YET' })
      })
      const retry = { maxRetries: 2, backoffMs: 1, maxBackoffMs: 1 }
      const lucky = await jobs.add(queue, 'third time', { retry })
      expect(await resultOf(lucky)).toBe('lucky')
      expect(attempts.splice(0)).toEqual([1, 2, 3])
      const lost = await jobs.add(queue, 'never', { retry: { ...retry, maxRetries: 1 }, tenant: 'acme' })
      expect(await failureOf(lost)).toEqual({ code: 'NOT_YET', message: 'no, not the 2' })
      expect(attempts.splice(0)).toEqual([1, 2])
      expect(await jobs.get(lost)).toMatchObject({ state: 'failed', failure: { code: 'NOT_YET' } })
      const [letter] = await jobs.deadLetters(queue)
      expect(letter).toMatchObject({
        id: lost.id,
        queue,
        tenant: 'acme',
        data: 'never',
        attempts: 2,
        failure: { code: 'NOT_YET', message: 'no, not the 2' },
      })
      expect(Math.abs(letter!.failedAt.getTime() - Date.now())).toBeLessThan(30_000)
      expect(await jobs.counts(queue)).toEqual({ waiting: 0, running: 0, failed: 1 })
      expect(
        seen.flatMap((event) => (event.type === 'job-ended' && event.id === lost.id ? [event.outcome] : [])),
      ).toEqual(['retried', 'failed'])
    }, 30_000)

    it('that no further try can help are given up at once', async () => {
      const queue = newQueue()
      let tries = 0
      await jobs.work(queue, () => {
        tries += 1
        throw new UnrecoverableJobError('there is no such airport', 'NO_AIRPORT')
      })
      const job = await jobs.add(queue, 1, { retry: { maxRetries: 5, backoffMs: 1 } })
      expect(await failureOf(job)).toEqual({ code: 'NO_AIRPORT', message: 'there is no such airport' })
      expect(tries).toBe(1)
    })

    it('come back from the dead letters, all or those that are named', async () => {
      const queue = newQueue()
      let isMended = false
      const done: unknown[] = []
      await jobs.work(queue, ({ data }) => {
        if (!isMended) throw new UnrecoverableJobError('broken')
        done.push(data)
      })
      const added = [await jobs.add(queue, 'a'), await jobs.add(queue, 'b'), await jobs.add(queue, 'c')]
      for (const job of added) await failureOf(job)
      isMended = true
      expect(await jobs.redrive(queue, { ids: [added[1]!.id] })).toBe(1)
      await expect.poll(() => done, { timeout: 10_000 }).toEqual(['b'])
      expect(await jobs.redrive(queue)).toBe(2)
      await expect.poll(() => done.length, { timeout: 10_000 }).toBe(3)
      expect(await jobs.redrive(queue)).toBe(0)
      expect(await jobs.deadLetters(queue)).toEqual([])
    }, 30_000)

    it('that come back are the same jobs, tried as often as they were to be; those that were cancelled do not', async () => {
      const queue = newQueue()
      const tries: unknown[] = []
      let isMended = false
      await jobs.work<string>(queue, async ({ data, signal }) => {
        tries.push(data)
        if (data === 'cancelled')
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        if (!isMended) throw new UnrecoverableJobError('broken')
        if (tries.filter((other) => other === data).length < 4) throw new Error('not yet')
        return data
      })
      const cancelled = await jobs.add(queue, 'cancelled')
      await expect.poll(() => tries, { timeout: 10_000 }).toEqual(['cancelled'])
      await jobs.cancel(cancelled)
      expect(await failureOf(cancelled)).toBe('JOB_CANCELLED')
      const dead = await jobs.add(queue, 'dead', {
        retry: { maxRetries: 5, backoffMs: 1, maxBackoffMs: 1 },
        deduplicationKey: 'one',
      })
      await failureOf(dead)
      expect((await jobs.deadLetters(queue, { limit: 1 })).map(({ id }) => id)).toEqual([dead.id])
      isMended = true
      expect(await jobs.redrive(queue)).toBe(1)
      expect(await resultOf(dead)).toBe('dead')
      expect(tries).toEqual(['cancelled', 'dead', 'dead', 'dead', 'dead'])
    }, 40_000)

    it('keep no secrets of an error', async () => {
      const queue = newQueue()
      await jobs.work(queue, () => {
        throw new UnrecoverableJobError(
          'POST https://api.example with Authorization: Bearer abcdefghijklmnop1234 failed',
        )
      })
      const failure = JSON.stringify(await failureOf(await jobs.add(queue, 1)))
      expect(failure).toContain('failed')
      expect(failure).not.toContain('abcdefghijklmnop1234')
    })

    it('are found where they are at each moment of their life, with what has come of them', async () => {
      const queue = newQueue()
      await jobs.work<number>(
        queue,
        ({ data, attempt }) => {
          if (data % 3 === 0 && attempt === 1) throw new Error('not yet')
          if (data % 3 === 1) throw new UnrecoverableJobError('no', 'NEVER')
          return { data }
        },
        { concurrency: 4 },
      )
      const watch = async (index: number): Promise<void> => {
        const job = await jobs.add(queue, index, { retry: { maxRetries: 1, backoffMs: 0, maxBackoffMs: 0 } })
        const states: string[] = []
        while (!['completed', 'failed'].includes(states.at(-1) ?? '')) {
          const { state, result, failure } = (await jobs.get(job)) ?? { state: 'unknown' }
          states.push(state)
          if (state === 'completed') expect(result).toEqual({ data: index })
          if (state === 'failed') expect(failure).toEqual({ code: 'NEVER', message: 'no' })
        }
        expect(states.at(-1)).toBe(index % 3 === 1 ? 'failed' : 'completed')
        expect(new Set(states)).not.toContain('unknown')
      }
      await Promise.all(Array.from({ length: 24 }, (_, index) => watch(index)))
    }, 30_000)

    it('are begun no faster than they may be', async () => {
      const queue = newQueue()
      const times: number[] = []
      await jobs.work(queue, () => times.push(performance.now()), { concurrency: 4, rateLimit: { max: 2, perMs: 700 } })
      const added = await Promise.all(Array.from({ length: 5 }, (_, index) => jobs.add(queue, index)))
      await Promise.all(added.map(resultOf))
      times.sort((a, b) => a - b)
      expect(times[2]! - times[0]!).toBeGreaterThan(500)
      expect(times[4]! - times[2]!).toBeGreaterThan(500)
    }, 30_000)

    it('of one key wait or run once', async () => {
      const queue = newQueue()
      const { promise: gate, resolve: release } = Promise.withResolvers<void>()
      await jobs.work(queue, () => gate)
      const first = await jobs.add(queue, 1, { deduplicationKey: 'refresh' })
      const many = await Promise.all(
        Array.from({ length: 5 }, () => jobs.add(queue, 2, { deduplicationKey: 'refresh' })),
      )
      expect(new Set(many.map(({ id }) => id))).toEqual(new Set([first.id]))
      expect(many[0]?.state).toBe('deduplicated')
      await expect.poll(async () => (await jobs.get(first))?.state, { timeout: 10_000 }).toBe('running')
      expect(await jobs.add(queue, 3, { deduplicationKey: 'refresh' })).toMatchObject({ id: first.id })
      const other = await jobs.add(queue, 4, { deduplicationKey: 'another' })
      expect(other.id).not.toBe(first.id)
      release()
      await resultOf(first)
      await expect
        .poll(async () => (await jobs.add(queue, 5, { deduplicationKey: 'refresh' })).state, { timeout: 10_000 })
        .toBe('added')
    }, 30_000)

    it('that are cancelled leave their key to the next one', async () => {
      const queue = newQueue()
      const first = await jobs.add(queue, 1, { deduplicationKey: 'report', delayMs: 3_600_000 })
      expect(await jobs.cancel(first)).toBe(true)
      const second = await jobs.add(queue, 2, { deduplicationKey: 'report' })
      expect(second.id).not.toBe(first.id)
      expect(await jobs.add(queue, 3, { deduplicationKey: 'report' })).toMatchObject({ id: second.id })
      await jobs.work(queue, ({ data }) => data)
      expect(await resultOf(second)).toBe(2)
    })

    it('in a tree wait for those below, and have their results', async () => {
      const [leaf, root] = [newQueue(), newQueue()]
      await jobs.work<string>(leaf, ({ data }) => `done ${data}`)
      await jobs.work(root, async ({ childResults, data }) => ({ data, below: await childResults() }))
      const tree = await jobs.addTree({
        queue: root,
        data: 'proposal',
        children: [
          { queue: leaf, data: 'profile' },
          { queue: root, data: 'search', children: [{ queue: leaf, data: 'airports' }] },
        ],
      })
      expect(await resultOf(tree)).toEqual({
        data: 'proposal',
        below: ['done profile', { data: 'search', below: ['done airports'] }],
      })
    }, 30_000)

    it('in a tree are not begun when one below has failed, up to the top', async () => {
      const [leaf, root] = [newQueue(), newQueue()]
      await jobs.work(leaf, () => {
        throw new UnrecoverableJobError('no')
      })
      let begun = 0
      await jobs.work(root, () => (begun += 1))
      const tree = await jobs.addTree({
        queue: root,
        data: 1,
        children: [{ queue: root, data: 2, children: [{ queue: leaf, data: 3 }] }],
      })
      expect(await failureOf(tree)).toMatchObject({ code: 'CHILD_FAILED' })
      expect(begun).toBe(0)
      expect((await jobs.deadLetters(leaf)).length + (await jobs.deadLetters(root)).length).toBe(1)
    }, 30_000)

    it('tell how far they are', async () => {
      const queue = newQueue()
      const { promise: gate, resolve: release } = Promise.withResolvers<void>()
      await jobs.work(queue, async (job) => {
        await job.progress({ found: 3 })
        await gate
      })
      const job = await jobs.add(queue, 1)
      await expect.poll(async () => (await jobs.get(job))?.progress, { timeout: 10_000 }).toEqual({ found: 3 })
      release()
      await resultOf(job)
    })

    it('are cancelled while they wait, and while they run', async () => {
      const queue = newQueue()
      const waiting = await jobs.add(queue, 'waiting')
      expect(await jobs.cancel(waiting)).toBe(true)
      expect(await jobs.get(waiting)).toMatchObject({ state: 'cancelled' })
      const begun: unknown[] = []
      let reason: unknown
      await jobs.work(queue, async ({ data, signal }: RunningJob) => {
        begun.push(data)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        reason = signal.reason
        throw signal.reason
      })
      const running = await jobs.add(queue, 'running')
      await expect.poll(() => begun, { timeout: 10_000 }).toContain('running')
      const waited = failureOf(running)
      expect(await jobs.cancel(running)).toBe(true)
      expect(await waited).toBe('JOB_CANCELLED')
      await expect.poll(() => reason, { timeout: 5_000 }).toMatchObject({ code: 'JOB_CANCELLED' })
      expect(await jobs.cancel(running)).toBe(false)
      expect(begun).toEqual(['running'])
    }, 30_000)

    it('end at their deadline, begun or not, and are not tried again', async () => {
      const queue = newQueue()
      const late = await jobs.add(queue, 'late', { deadlineMs: 1 })
      const tries: unknown[] = []
      await jobs.work(queue, async ({ data, signal }) => {
        tries.push(data)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      })
      expect(await failureOf(late)).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
      const slow = await jobs.add(queue, 'slow', { deadlineMs: 600 })
      expect(await failureOf(slow)).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
      expect(tries).toEqual(['slow'])
    }, 30_000)

    it('whose handler does not end are ended for it', async () => {
      const queue = newQueue()
      await jobs.work(queue, () => new Promise(() => undefined), { attemptTimeoutMs: 200 })
      expect(await failureOf(await jobs.add(queue, 1, QUICK))).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    })

    it('are done many at a time, each once', async () => {
      const queue = newQueue()
      const counts = new Map<unknown, number>()
      let [at, most] = [0, 0]
      for (const concurrency of [3, 2]) {
        await jobs.work(
          queue,
          async ({ data }) => {
            at += 1
            most = Math.max(most, at)
            await new Promise((resolve) => setTimeout(resolve, 20))
            counts.set(data, (counts.get(data) ?? 0) + 1)
            at -= 1
          },
          { concurrency },
        )
      }
      const added = await Promise.all(Array.from({ length: 40 }, (_, index) => jobs.add(queue, index)))
      await Promise.all(added.map(resultOf))
      expect(counts.size).toBe(40)
      expect([...counts.values()].every((count) => count === 1)).toBe(true)
      expect(most).toBeGreaterThan(1)
      expect(most).toBeLessThanOrEqual(5)
    }, 30_000)

    it('are given back by a worker that is shut down, and done by another as if they had not been begun', async () => {
      const queue = newQueue()
      const attempts: number[] = []
      const hung = await jobs.work(queue, async ({ attempt, signal }) => {
        attempts.push(attempt)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      })
      const job = await jobs.add(queue, 1, QUICK)
      await expect.poll(() => attempts.length, { timeout: 10_000 }).toBe(1)
      await hung.stop({ drainMs: 100 })
      await jobs.work(queue, ({ attempt }) => `done at ${attempt}`)
      expect(await resultOf(job)).toBe('done at 1')
    }, 30_000)

    it('that a worker is at are waited for when it stops', async () => {
      const queue = newQueue()
      let isDone = false
      const worker = await jobs.work(queue, async () => {
        await new Promise((resolve) => setTimeout(resolve, 400))
        isDone = true
      })
      const job = await jobs.add(queue, 1)
      await expect.poll(() => worker.running, { timeout: 10_000, interval: 10 }).toBe(1)
      await worker.stop()
      expect(isDone).toBe(true)
      await expect.poll(async () => (await jobs.get(job))?.state, { timeout: 5_000 }).toBe('completed')
    })

    it('come again by a schedule, which is kept and can be changed', async () => {
      const [first, second] = [newQueue(), newQueue()]
      await jobs.schedule('daily-report', {
        queue: first,
        cron: '0 9 * * *',
        timeZone: 'America/New_York',
        data: { report: 'daily' },
      })
      await jobs.schedule('daily-report', { queue: second, cron: '30 9 * * *', timeZone: 'Europe/Rome' })
      expect((await jobs.schedules()).filter(({ key }) => key === 'daily-report')).toEqual([
        { key: 'daily-report', queue: second, cron: '30 9 * * *', timeZone: 'Europe/Rome' },
      ])
      expect(await jobs.unschedule('daily-report')).toBe(true)
      expect(await jobs.unschedule('daily-report')).toBe(false)
    })

    it('come once for a time that was missed while nobody was there, after a start with the same schedule, and know which it was', async () => {
      const [missed, changed] = [newQueue(), newQueue()]
      const { engine, close } = await open()
      const minute = 60_000
      // Not so soon that it comes while it is scheduled; the next one is a day later.
      const due = new Date(Math.ceil((Date.now() + 3_000) / minute) * minute)
      const at = { cron: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`, data: 'daily' }
      const before = createJobs({ driver: engine.driver() })
      await before.schedule(missed, { queue: missed, ...at })
      await before.schedule(changed, { queue: changed, ...at, data: 'before' })
      await before.close()
      await new Promise((resolve) => setTimeout(resolve, due.getTime() + 500 - Date.now()))
      const after = createJobs({ driver: engine.driver() })
      try {
        await after.schedule(missed, { queue: missed, ...at })
        await after.schedule(changed, { queue: changed, ...at, data: 'after' })
        const done: unknown[] = []
        const dueAt = new Map<unknown, number | undefined>()
        const other = newQueue()
        for (const queue of [missed, changed, other]) {
          await after.work(queue, (job) => {
            done.push(job.data)
            dueAt.set(job.data, job.dueAt)
          })
        }
        await after.add(other, 'other')
        await expect.poll(() => done, { timeout: 60_000 }).toEqual(expect.arrayContaining(['daily', 'other']))
        expect([dueAt.get('daily'), dueAt.get('other')]).toEqual([due.getTime(), undefined])
        await after.schedule(missed, { queue: missed, ...at })
        await new Promise((resolve) => setTimeout(resolve, 3_000))
        expect(done.filter((data) => data === 'daily')).toHaveLength(1)
        expect(await after.schedules()).toContainEqual({ key: missed, queue: missed, cron: at.cron, timeZone: 'UTC' })
      } finally {
        await after.close()
        await close()
      }
    }, 150_000)

    it.each<[string, () => Promise<unknown>, RegExp]>([
      ['a queue', () => jobs.add('Search!', 1), /queue: must be 1 to 64 lower-case letters, digits and "-"/],
      [
        'a priority',
        () => jobs.add('x', 1, { priority: 5 as never }),
        /options\.priority: must be one of urgent, high, normal, low/,
      ],
      ['a delay', () => jobs.add('x', 1, { delayMs: -1 }), /options\.delayMs: must be a whole number from 0/],
      ['an option', () => jobs.add('x', 1, { dealy: 1 } as never), /dealy/],
      ['data', () => jobs.add('x', 1n), /data: must be what JSON can say/],
      ['much data', () => jobs.add('x', 'x'.repeat(1_048_577)), /data: must have at most 1048576 characters/],
      ['the character NUL', () => jobs.add('x', { text: 'a\0b' }), /data: must not have the character NUL/],
      ['a trace', () => jobs.add('x', 1, { traceparent: 'abc' }), /must be a W3C traceparent/],
      ['a cron', () => jobs.schedule('x', { queue: 'x', cron: 'daily' }), /cron: must have five fields/],
      [
        'a zone',
        () => jobs.schedule('x', { queue: 'x', cron: '0 9 * * *', timeZone: 'Mars/Base' }),
        /timeZone: must be the IANA name/,
      ],
      ['a limit', () => jobs.deadLetters('x', { limit: 0 }), /limit must be a whole number from 1 to 1000, but is 0/],
    ])('are refused with %s that cannot be', async (_, ask, allowed) => {
      await expect(ask()).rejects.toThrow(allowed)
      await expect(ask()).rejects.toMatchObject({ category: 'validation', mayHaveTakenEffect: false })
    })

    if (where === 'inside') return
    it('survive their queue: adding is bounded while it is away, goes to the journal, and each is done once when it is back', async () => {
      const { driver } = opened.engine
      const outage = opened.engine.outage!
      const [queue, other] = [newQueue(), newQueue()]
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-jobs-'))
      const journal = await openJournal({ directory: folder })
      const own = createJobs({ driver: driver(), journal, addTimeoutMs: 1_000 })
      const bare = createJobs({ driver: driver(), addTimeoutMs: 1_000 })
      const done = new Map<unknown, number>()
      try {
        await own.work(queue, ({ data }) => void done.set(data, (done.get(data) ?? 0) + 1), { concurrency: 2 })
        await resultOf(await own.add(queue, 'before'))
        await resultOf(await bare.add(queue, 'warm'))
        const first = await own.add(other, 'first', { deduplicationKey: 'report' })
        await outage.down()
        const began = performance.now()
        const away = await Promise.all(Array.from({ length: 20 }, (_, index) => own.add(queue, index)))
        expect(performance.now() - began).toBeLessThan(3_000)
        expect(new Set(away.map(({ state }) => state))).toEqual(new Set(['journaled']))
        await expect(bare.add(queue, 'lost')).rejects.toMatchObject({
          category: expect.stringMatching(/^(network|timeout|rejected)$/) as string,
        })
        const early = own.result(away[7]!, { timeoutMs: 40_000 })
        const second = await own.add(other, 'second', { deduplicationKey: 'report' })
        expect(second.state).toBe('journaled')
        expect(await own.add(other, 'third', { deduplicationKey: 'report' })).toEqual({
          ...second,
          state: 'deduplicated',
        })
        const shared = own.result(second, { timeoutMs: 60_000 })
        await outage.up()
        await expect.poll(() => [journal.snapshot().pending, done.size], { timeout: 40_000 }).toEqual([0, 22])
        expect([...done.values()].every((count) => count === 1)).toBe(true)
        // Known by the ids that were given then, and waited for since.
        expect(await early).toBeNull()
        // Also where another job has their key, and by those who were not there.
        expect(await bare.get(second)).toMatchObject({ id: first.id, state: 'waiting', data: 'first' })
        await own.work(other, ({ data }) => data)
        expect(await shared).toBe('first')
        expect(await bare.result(second, { timeoutMs: 20_000 })).toBe('first')
        expect(await bare.get({ queue, id: second.id })).toBeUndefined()
      } finally {
        await bare.close()
        await own.close()
        await journal.close()
        await rm(folder, { recursive: true, force: true })
      }
    }, 90_000)
  })
}
