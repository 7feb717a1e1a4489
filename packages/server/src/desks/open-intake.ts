import { createEvents, HoldfastError, systemClock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { createIntake } from '@holdfast/store/intake'
import type { Intake, IntakeEvent } from '@holdfast/store/intake'
import { openJournal } from '@holdfast/store/journal'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'

/** How long to wait before a journal that could not be opened is tried again, in ms. */
const TRY_AGAIN_MS = 5_000

/** How long the store may take for an entry before the journal takes it, and the two together, in ms: what waits for them has five seconds. */
const STORE_TIMEOUT_MS = 1_000
const TIMEOUT_MS = 2_000

/** An intake that is there before the store is. */
export interface ServerIntake extends Pick<Intake, 'accept'> {
  /** Entries that are not in the store yet. */
  readonly waiting: number
  /** From now on entries go there; those that wait in the journal too. */
  useStore(store: Store): void
  close(): Promise<void>
}

/** Opens the journal of an intake. While it is somebody else's nothing is accepted, and it is tried again. */
export async function openIntake(directory: string, log: Log): Promise<ServerIntake> {
  const stopping = new AbortController()
  const events = createEvents<IntakeEvent>()
  events.on((event) => logIntakeEvent(log, event))
  let store: Store | undefined
  let opened: { readonly intake: Intake; close(): Promise<void> } | undefined
  const there = async (): Promise<Store> => {
    if (store === undefined) throw away('STORE_UNREACHABLE', 'The store is not open yet')
    return store
  }
  const open = async (): Promise<void> => {
    const journal = await openJournal({ directory, name: 'intake' })
    const intake = createIntake({
      store: {
        withClaims: async (...call) => (await there()).withClaims(...call),
        asWorker: async (...call) => (await there()).asWorker(...call),
      },
      journal,
      storeTimeoutMs: STORE_TIMEOUT_MS,
      timeoutMs: TIMEOUT_MS,
      events,
    })
    opened = {
      intake,
      async close() {
        await intake.close()
        await journal.close()
      },
    }
  }
  const tryAgain = async (): Promise<void> => {
    while (opened === undefined) {
      await systemClock.sleep(TRY_AGAIN_MS, stopping.signal)
      await open().catch(() => undefined)
    }
  }
  let opening: Promise<void> = Promise.resolve()
  await open().catch((error: unknown) => {
    log.error(
      describeFailure(error),
      'tickets, leads and audit entries do not reach the store: the journal cannot be opened now',
    )
    opening = tryAgain().catch(() => undefined)
  })
  return {
    async accept(...offer) {
      if (opened === undefined) throw away('INTAKE_CLOSED', 'The journal of the intake cannot be opened')
      return opened.intake.accept(...offer)
    },
    get waiting() {
      return opened?.intake.status().waiting ?? 0
    },
    useStore(given) {
      store = given
    },
    async close() {
      stopping.abort()
      await opening
      await opened?.close()
    },
  }
}

function logIntakeEvent(log: Log, { at: _, type, ...fields }: IntakeEvent): void {
  const line = { event: type, ...fields }
  if (type === 'intake-set-aside') log.error(line, 'the store will not have an entry; it is kept in the journal')
  else log.debug(line, type)
}

function away(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'network', message, retryable: true, mayHaveTakenEffect: false })
}
