import { join } from 'node:path'
import type { DeskRuntime } from '@holdfast/agents/desks'
import { createIntegration, systemClock } from '@holdfast/core'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { openJournal } from '@holdfast/store/journal'
import type { KeptAccounts } from '../budgets/keep-accounts.ts'
import { SERVER_DEFAULTS, STORAGE_DEFAULTS } from '../config/options.ts'
import type { HoldfastConfig } from '../config/options.ts'
import type { Environment } from '../environment/environment.ts'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import { checkSchedules } from '../sync/check-schedules.ts'
import { openSources } from '../sync/open-sources.ts'
import type { OpenSources } from '../sync/open-sources.ts'
import { tenantsOf } from '../sync/open-sync.ts'
import type { OpenSyncOptions } from '../sync/open-sync.ts'
import type { DeskHouse } from './desks.ts'
import type { ServerIntake } from './open-intake.ts'
import type { ServerWrites } from './server-writes.ts'
import { openDesks } from './open-desks.ts'
import type { Opened } from './open-desks.ts'
import { openStorage } from './storage.ts'
import type { Storage } from './storage.ts'
import { openToolServers } from './tool-servers.ts'

/** How long to wait before what could not be opened is tried again, in ms. */
const TRY_AGAIN_MS = 5_000

/** How long the start of the server waits for the first try, in ms. Answers do not depend on it. */
const START_WAIT_MS = 15_000

/** What {@link startDesks} is made with. */
export interface DeskHouseOptions {
  readonly config: Pick<
    HoldfastConfig,
    'desks' | 'server' | 'storage' | 'tenants' | 'toolServers' | 'webhooks' | 'sync'
  >
  readonly environment: Pick<Environment, 'services' | 'storage' | 'toolServerValues' | 'syncValues'>
  readonly integrations: readonly Integration[]
  readonly events: Events<CoreEvent>
  readonly runtime: Omit<DeskRuntime, 'store' | 'tools' | 'sync'>
  readonly log: Log
  /** Whether requests are taken here, and kept while the store is away; not where there is nobody but workers. */
  readonly takesRequests: boolean
  /** What the connectors have written. It is given the store as soon as the tenants are there, and closed with the desks. */
  readonly writes: ServerWrites
  /** Is given the store as soon as the tenants are there. */
  readonly intake?: Omit<ServerIntake, 'close'> | undefined
  /** The same; it is left before it is closed. */
  readonly accounts?: Pick<KeptAccounts, 'useStore' | 'leaveStore'> | undefined
  /** Hears of each pull of this process. */
  readonly observeSync?: OpenSyncOptions['observe']
  /** Those that keys of the environment stand for, beside those of the configuration. */
  readonly keyTenants?: readonly string[] | undefined
}

/**
 * Opens the desks of the configuration, with what keeps their things; `undefined` where there are none. What cannot be opened now is tried again for as long as the server runs: an
 * assistant answers without it.
 */
export async function startDesks(options: DeskHouseOptions): Promise<DeskHouse | undefined> {
  const { config, log, runtime } = options
  const definitions = config.desks ?? []
  if (definitions.length === 0) return undefined
  if (config.sync !== undefined) checkSchedules(config.sync, new Date(systemClock.wallTime()))
  const guards = guardsOf(options)
  const directory = config.storage?.directory ?? STORAGE_DEFAULTS.directory
  const synced = config.sync === undefined ? [] : tenantsOf(config.sync)
  const named = ['default', ...Object.keys(config.tenants ?? {}), ...(options.keyTenants ?? []), ...synced]
  const tenants = [...new Set(named)]
  const stopping = new AbortController()
  let storage: Storage | undefined
  let opened: Opened | undefined
  const { writes } = options
  const toolServers = openToolServers({ ...options, writeMemory: writes })
  const sources = sourcesOf(options, toolServers.integrations)

  /** @param tried called once it has been tried, however that went. */
  const untilDone = async (step: () => Promise<void>, failed: string, tried?: () => void): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await step()
        return
      } catch (error) {
        log.error(describeFailure(error), failed)
        tried?.()
        await systemClock.sleep(TRY_AGAIN_MS, stopping.signal).catch(() => undefined)
      }
    }
  }
  const openAll = async (): Promise<void> => {
    const own = await openStorage({ ...guards, directory, addresses: options.environment.storage, log })
    try {
      opened = await openDesks({
        definitions,
        storage: own,
        runtime: { ...runtime, tools: toolServers.tools },
        tenants,
        webhooks: config.webhooks,
        encryptionKeys: options.environment.storage.encryptionKeys,
        writes,
        keep: { ...STORAGE_DEFAULTS, ...config.storage },
        apiKeyGraceMs: config.server?.apiKeyGraceMs ?? SERVER_DEFAULTS.apiKeyGraceMs,
        log,
        events: options.events,
        intake: options.intake,
        accounts: options.accounts,
        sync:
          config.sync === undefined || sources === undefined
            ? undefined
            : { sync: config.sync, sources, observe: options.observeSync },
      })
      storage = own
    } catch (error) {
      await own.close()
      throw error
    }
  }
  const acceptRequests = async (): Promise<void> => {
    const journal = await openJournal({ directory: join(directory, 'requests'), name: 'requests' })
    await opened?.accept(journal).catch(async (error: unknown) => {
      await journal.close()
      throw error
    })
  }
  const open = async (tried: () => void): Promise<void> => {
    await untilDone(openAll, 'the desks cannot be opened now; they are tried again', tried)
    if (opened === undefined || storage === undefined) return
    const { prepare, desks } = opened
    // Beside each other: the disk may be there while the store is not, and the other way about.
    const accepting = options.takesRequests
      ? untilDone(acceptRequests, 'no request can be taken while the store is away: the journal cannot be opened now')
      : undefined
    await untilDone(prepare, 'what the desks need is away; it is tried again', tried)
    if (!stopping.signal.aborted) log.info({ desks: desks.names, engine: storage.store.engine }, 'the desks are open')
    tried()
    const { length: unconfirmed } = await writes.unconfirmed().catch(() => [])
    if (unconfirmed > 0)
      log.warn({ writes: unconfirmed }, 'nobody knows whether some writes were made: see GET /admin/writes')
    await accepting
  }
  let opening: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve) => {
    const late = systemClock.schedule(START_WAIT_MS, resolve)
    opening = open(() => {
      late.cancel()
      resolve()
    })
  })
  return {
    integrations: [...Object.values(guards), ...toolServers.integrations, ...(sources?.integrations ?? [])],
    get open() {
      return opened?.desks
    },
    async endStreams() {
      await opened?.desks.events.close()
    },
    async stop() {
      stopping.abort()
      await opening
      await opened?.close()
      await toolServers.close()
      await writes.close()
      await options.accounts?.leaveStore()
      await storage?.close()
    },
  }
}

function sourcesOf(
  { config, environment, integrations, events }: DeskHouseOptions,
  others: readonly Integration[],
): OpenSources | undefined {
  if (config.sync === undefined) return undefined
  return openSources({ sync: config.sync, environment, integrations: [...integrations, ...others], events })
}

/** Those of the configuration, or such as the store and the jobs would make themselves. */
function guardsOf({
  integrations,
  events,
}: DeskHouseOptions): Record<'storeIntegration' | 'jobsIntegration', Integration> {
  const named = (wanted: string): Integration | undefined => integrations.find(({ name }) => name === wanted)
  return {
    storeIntegration:
      named('store') ??
      createIntegration({ name: 'store', kind: 'database', deadlineMs: 21_000, attemptTimeoutMs: 11_000, events }),
    jobsIntegration: named('jobs') ?? createIntegration({ name: 'jobs', kind: 'queue', retry: false, events }),
  }
}
