import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createJobs } from '@holdfast/agents/jobs'
import type { Jobs } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import type { StorageAddresses } from '../environment/storage.ts'

/** Where everything is kept, and what waits. */
export interface Storage {
  readonly store: Store
  readonly jobs: Jobs
  close(): Promise<void>
}

/** What {@link openStorage} is made with. */
export interface StorageOptions {
  readonly addresses: StorageAddresses
  /** Of what is embedded. */
  readonly directory: string
  readonly storeIntegration: Integration
  readonly jobsIntegration: Integration
  readonly events: Events<CoreEvent>
}

/** Opens the store and the queue: on servers where there are addresses, else inside the process. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { addresses, directory, storeIntegration, jobsIntegration } = options
  const { databaseUrl, migrationUrl } = addresses
  const store = await openStore({
    integration: storeIntegration,
    ...(databaseUrl === undefined
      ? { directory: join(directory, 'store') }
      : { url: databaseUrl, ...(migrationUrl === undefined ? {} : { migrationUrl }) }),
  })
  try {
    const queue = await openQueue(addresses, directory)
    const jobs = createJobs({ driver: queue.driver, integration: jobsIntegration })
    return {
      store,
      jobs,
      async close() {
        await jobs.close()
        await queue.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

interface Queue {
  readonly driver: Parameters<typeof createJobs>[0]['driver']
  close(): Promise<void>
}

async function openQueue({ databaseUrl, migrationUrl, redisUrl }: StorageAddresses, directory: string): Promise<Queue> {
  const nothing = (): Promise<void> => Promise.resolve()
  if (redisUrl !== undefined) return { driver: bullmqDriver({ url: redisUrl }), close: nothing }
  // It makes its tables itself.
  if (databaseUrl !== undefined) return { driver: pgBossDriver({ url: migrationUrl ?? databaseUrl }), close: nothing }
  // The lock of the store's directory, which is open by now, holds for this one too.
  const pglite = await PGlite.create({ dataDir: join(directory, 'jobs') })
  return { driver: pgBossDriver({ pglite }), close: () => pglite.close() }
}
