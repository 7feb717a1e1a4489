import type { BudgetAccount, Budgets, BudgetSpending } from '@holdfast/ai'
import { systemClock } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'

/** How long after one round the next begins, in ms: so much later a server knows what another has spent. */
const BETWEEN_ROUNDS_MS = 1_000
/** The same while the store is away, at most. */
const LAST_MS = 10_000
/** The time that the store gets for a round, in ms. */
const TIMEOUT_MS = 5_000
/** How far back each round looks again, in ms: what others had written by then, and may have committed later. More than a round may take. */
const OVERLAP_MS = 10_000
/** How often what no longer counts is taken away, in ms, and how long after that it is: clocks of servers differ. A rolling minute alone has thirty parts. */
const CLEAN_EVERY_MS = 60_000
const KEPT_MS = 300_000
/** Rows of one statement. */
const ROWS_AT_ONCE = 1_000

const UNITS = ['cost', 'tokens', 'requests'] as const

/** The accounts are those of whoever runs the servers. */
const TENANT = 'default'

/** What is shared by. */
export type SharingStore = Pick<Store, 'asWorker'>

/** What {@link shareAccounts} is made with. */
export interface ShareAccountsOptions {
  readonly budgets: Budgets
  readonly store: SharingStore
  /** Who this is; another than before once the accounts of another process have been taken over. */
  readonly server: () => string
  readonly log: Log
  readonly clock?: Clock | undefined
}

/** Accounts that other servers know of, and those of others that this one knows of. */
export interface SharedAccounts {
  /** Resolves when it has been tried once. */
  readonly begun: Promise<void>
  /** Tells the others what has changed. */
  stop(): Promise<void>
}

/**
 * Tells the other servers of a store every second what has been spent here, and asks what has been spent there, so that a limit holds over all of them, but for that second. No answer waits for it: while the store is
 * away each server goes on by what it knew.
 */
export function shareAccounts({
  budgets,
  store,
  server,
  log,
  clock = systemClock,
}: ShareAccountsOptions): SharedAccounts {
  let told: { readonly as: string; readonly upTo: number } | undefined
  /** From when on it has to be looked again, by the clock of the database. */
  let known: Date | undefined
  let failures = 0
  let cleanAt = -Infinity
  let isStopping = false
  let task: ScheduledTask | undefined

  async function exchange(): Promise<void> {
    const as = server()
    const upTo = budgets.revision
    const former = told !== undefined && told.as !== as ? told.as : undefined
    const rows = [...rowsOf(budgets.changes(told?.as === as ? told.upTo : 0), as)]
    const since = former === undefined ? known : undefined
    const { now, spending } = await store.asWorker(
      TENANT,
      async (transaction) => {
        if (former !== undefined) await transaction.deleteFrom('budget_spending').where('server', '=', former).execute()
        for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
          await transaction
            .insertInto('budget_spending')
            .values(rows.slice(at, at + ROWS_AT_ONCE))
            .onConflict((conflict) =>
              conflict
                .columns(['account', 'starts_at', 'server', 'tenant'])
                .doUpdateSet(({ fn, ref }) => ({
                  cost: ref('excluded.cost'),
                  tokens: ref('excluded.tokens'),
                  requests: ref('excluded.requests'),
                  expires_at: ref('excluded.expires_at'),
                  changed_at: fn<Date>('clock_timestamp', []),
                }))
                // Of a rolling period most parts are as they were.
                .where(({ eb, ref, or }) =>
                  or(UNITS.map((unit) => eb(`budget_spending.${unit}`, '<>', ref(`excluded.${unit}`)))),
                ),
            )
            .execute()
        }
        return othersSince(transaction, as, since)
      },
      { timeoutMs: TIMEOUT_MS },
    )
    budgets.heed(spending, { isAll: since === undefined })
    told = { as, upTo }
    known = new Date(now.getTime() - OVERLAP_MS)
  }

  async function clean(): Promise<void> {
    if (clock.now() < cleanAt) return
    cleanAt = clock.now() + CLEAN_EVERY_MS
    await store.asWorker(TENANT, (transaction) =>
      transaction
        .deleteFrom('budget_spending')
        .where('expires_at', '<', new Date(clock.wallTime() - KEPT_MS))
        .execute(),
    )
  }

  async function round(): Promise<void> {
    try {
      await exchange()
      if (failures > 0) log.info({}, 'servers know again what the others have spent of their budgets')
      failures = 0
      // Who comes in between takes it away as well.
      await clean().catch(() => undefined)
    } catch (error) {
      if (failures === 0) {
        log.warn(
          describeFailure(error),
          'what other servers have spent of their budgets is not known now; what was known goes on to count',
        )
      }
      failures += 1
    }
  }

  function begin(): Promise<void> {
    return round().finally(() => {
      if (isStopping) return
      const ms = Math.min(LAST_MS, BETWEEN_ROUNDS_MS * 2 ** Math.min(failures, 4))
      task = clock.schedule(ms, () => void (running = begin()))
    })
  }
  let running = begin()
  return {
    begun: running,
    async stop() {
      isStopping = true
      task?.cancel()
      await running
      // What was said of others no longer matters; what is said of this one counts until its period ends.
      if (budgets.revision !== told?.upTo && failures === 0) await round()
    },
  }
}

type Work = Parameters<Parameters<SharingStore['asWorker']>[1]>[0]

/** What others have used of the accounts of which some of them have used something since then, all of them together. */
async function othersSince(
  transaction: Work,
  server: string,
  since: Date | undefined,
): Promise<{ readonly now: Date; readonly spending: readonly BudgetSpending[] }> {
  const { now } = await transaction.selectNoFrom(({ fn }) => fn<Date>('now', []).as('now')).executeTakeFirstOrThrow()
  const others = transaction.selectFrom('budget_spending').where('server', '<>', server)
  let query = others
    .select(({ fn }) => [
      'account',
      'starts_at',
      fn.sum<number>('cost').as('cost'),
      fn.sum<number>('tokens').as('tokens'),
      fn.sum<number>('requests').as('requests'),
    ])
    .where('expires_at', '>', now)
    .groupBy(['account', 'starts_at'])
  if (since !== undefined) {
    const changed = others.select(['account', 'starts_at']).where('changed_at', '>=', since)
    query = query.where(({ eb, refTuple }) =>
      eb(refTuple('account', 'starts_at'), 'in', changed.$asTuple('account', 'starts_at')),
    )
  }
  const rows = await query.execute()
  return {
    now,
    spending: rows.flatMap(({ account, starts_at, cost, tokens, requests }) => {
      const parsed = accountOf(account)
      return parsed === undefined ? [] : [{ ...parsed, startsAt: starts_at.getTime(), cost, tokens, requests }]
    }),
  }
}

function* rowsOf(accounts: Iterable<BudgetAccount>, server: string) {
  for (const { budget, of, isFloor, period, window, resetsAt, slices } of accounts) {
    // Of those that had to make room here the others know themselves what was used.
    if (isFloor === true) continue
    const account = JSON.stringify([budget, period, window, of])
    for (const { startsAt, cost, tokens, requests } of slices) {
      const amounts = { cost, tokens, requests }
      yield { account, server, starts_at: new Date(startsAt), ...amounts, expires_at: new Date(resetsAt) }
    }
  }
}

function accountOf(text: string): Pick<BudgetSpending, 'budget' | 'period' | 'window' | 'of'> | undefined {
  const [budget, period, window, of] = JSON.parse(text) as readonly unknown[]
  // Of a later version.
  if (typeof budget !== 'string' || typeof of !== 'object' || of === null) return undefined
  return { budget, period, window, of } as Pick<BudgetSpending, 'budget' | 'period' | 'window' | 'of'>
}
