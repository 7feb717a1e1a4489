import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { BudgetAccount, Budgets } from '@holdfast/ai'
import { systemClock } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { openValues } from '@holdfast/store/values'
import type { Values, ValuesOptions } from '@holdfast/store/values'
import { STORAGE_DEFAULTS } from '../config/options.ts'
import type { HoldfastConfig } from '../config/options.ts'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import { shareAccounts } from './share-accounts.ts'
import type { SharedAccounts } from './share-accounts.ts'

/** How long after one write the next may begin, in ms; what changes after a silence is written at once. */
const BETWEEN_WRITES_MS = 1_000
/** How long until the disk is tried again, at most, in ms. */
const LAST_MS = 10_000
/** How long to wait before what could not be opened is tried again, in ms. */
const TRY_AGAIN_MS = 5_000

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** What {@link keepAccounts} is made with. */
export interface KeepAccountsOptions {
  readonly budgets: Budgets
  /** It has it for itself. */
  readonly directory: string
  readonly log: Log
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  /** The file system. Default: the machine's. */
  readonly files?: ValuesOptions['files']
}

/** The accounts of budgets, which outlive the process. */
export interface KeptAccounts {
  /** Whether what is spent now is on the disk in a moment. */
  readonly isKept: boolean
  /** From now on its other servers know what is spent here, and this one what is spent there. Resolves when that has been tried once; never rejects. */
  useStore(store: Pick<Store, 'asWorker' | 'engine'>): Promise<void>
  /** Tells the other servers what has been spent; before the store is closed. */
  leaveStore(): Promise<void>
  /** Writes what has changed. */
  close(): Promise<void>
}

/** Keeps the accounts of a process in a directory of this name; `undefined` where nothing is limited. */
export async function keepConfiguredAccounts(
  budgets: Budgets | undefined,
  { storage }: Pick<HoldfastConfig, 'storage'>,
  name: string,
  log: Log,
): Promise<KeptAccounts | undefined> {
  if (budgets === undefined) return undefined
  return keepAccounts({ budgets, directory: join(storage?.directory ?? STORAGE_DEFAULTS.directory, name), log })
}

/**
 * Brings back the accounts of the process before this one, and from then on keeps them on the disk. Answers wait for none of it: what fails is said in the log and tried again, and
 * budgets go on in memory.
 */
export async function keepAccounts(options: KeepAccountsOptions): Promise<KeptAccounts> {
  const { budgets, directory, log, clock = systemClock, files } = options
  const stopping = new AbortController()
  let values: Values | undefined
  /** Up to which change it is on the disk. */
  let written = 0
  let failures = 0
  let task: ScheduledTask | undefined
  let writing: Promise<void> | undefined
  let lastWriteAt = -Infinity
  /** Who has spent what is in the file; whoever takes it over is that one from then on. */
  let server: string = randomUUID()
  let shared: SharedAccounts | undefined

  function arm(): void {
    if (values === undefined || task !== undefined || writing !== undefined || stopping.signal.aborted) return
    if (budgets.revision === written) return
    const betweenMs = Math.min(LAST_MS, BETWEEN_WRITES_MS * 2 ** Math.min(failures, 4))
    task = clock.schedule(Math.max(0, lastWriteAt + betweenMs - clock.now()), () => {
      task = undefined
      void begin()
    })
  }

  /** One after the other. */
  function begin(): Promise<void> {
    writing = write().finally(() => {
      writing = undefined
      arm()
    })
    return writing
  }

  async function write(): Promise<void> {
    const upTo = budgets.revision
    try {
      await values?.write({
        changed: entries(budgets.changes(written), server),
        all: () => entries(budgets.changes(0), server),
      })
      written = upTo
      if (failures > 0) log.info({}, 'accounts of budgets are kept on the disk again')
      failures = 0
    } catch (error) {
      // Each time would fill the log, which may be on the same disk.
      if (failures === 0) {
        log.error(
          describeFailure(error),
          'accounts of budgets cannot be written now: a crash would forgive what is spent from here on',
        )
      }
      failures += 1
    }
    lastWriteAt = clock.now()
  }

  async function open(): Promise<void> {
    const opened = await openValues({ directory, files })
    await restore(opened)
    values = opened
    // At once, though nothing may have changed: whether the disk takes it is known before it matters.
    await begin()
  }

  async function restore(opened: Values): Promise<void> {
    const { values: found, damage } = opened.opening
    server = serverOf(found.values()) ?? server
    const unusable = restoreAll(budgets, found.values(), clock.wallTime())
    const accounts = budgets.snapshot().accounts.length
    if (damage !== undefined || unusable > 0) {
      const keptAs = damage?.keptAs ?? (await opened.keepAsFound().catch(() => undefined))
      log.error(
        { directory, keptAs, damagedBytes: damage?.bytes ?? 0, unusable, accounts },
        'the file with the accounts of budgets is damaged, or is none: what cannot be read counts as not spent; it is kept as it was',
      )
    } else if (found.size > 0) log.info({ accounts }, 'accounts of budgets go on where they were')
  }

  async function tryAgain(): Promise<void> {
    while (values === undefined) {
      await clock.sleep(TRY_AGAIN_MS, stopping.signal)
      await open().catch(() => undefined)
    }
    log.info({}, 'accounts of budgets are kept on the disk from here on')
  }

  let opening: Promise<void> = Promise.resolve()
  await open().catch((error: unknown) => {
    log.error(
      describeFailure(error),
      'accounts of budgets begin anew and are in memory only: what keeps them cannot be opened now; it is tried again',
    )
    opening = tryAgain().catch(() => undefined)
  })
  const forget = budgets.onChange(arm)
  return {
    get isKept() {
      return values !== undefined && failures === 0
    },
    async useStore(store) {
      // An embedded one has no other servers.
      if (store.engine !== 'postgres') return
      shared ??= shareAccounts({ budgets, store, server: () => server, log, clock })
      await shared.begun
    },
    async leaveStore() {
      await shared?.stop()
    },
    async close() {
      stopping.abort()
      forget()
      task?.cancel()
      await opening
      await writing
      if (budgets.revision !== written) await write()
      await values?.close()
    },
  }
}

/** What no longer counts, or has no limit any more, is left out. @returns how many are no accounts */
function restoreAll(budgets: Budgets, found: Iterable<unknown>, at: number): number {
  let unusable = 0
  for (const account of found as Iterable<BudgetAccount>) {
    try {
      budgets.restore({ version: 1, at, accounts: [account] })
    } catch {
      unusable += 1
    }
  }
  return unusable
}

/** Each line says it, so that one that can be read is enough. */
function serverOf(found: Iterable<unknown>): string | undefined {
  for (const account of found) {
    const { server } = (account ?? {}) as { readonly server?: unknown }
    if (typeof server === 'string' && UUID.test(server)) return server
  }
  return undefined
}

function* entries(accounts: Iterable<BudgetAccount>, server: string): Iterable<readonly [string, object]> {
  for (const { budget, of, isFloor, period, window, slices } of accounts) {
    // What `restore` needs; the rest follows from it.
    yield [JSON.stringify([budget, of, isFloor ?? false]), { budget, of, isFloor, period, window, slices, server }]
  }
}
