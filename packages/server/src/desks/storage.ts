import { join } from 'node:path'
import { createJobs } from '@holdfast/agents/jobs'
import type { JobDriver, Jobs } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import type { Integration } from '@holdfast/core'
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
    const jobs = createJobs({ driver: driverFor(addresses, store), integration: jobsIntegration })
    return {
      store,
      jobs,
      async close() {
        await jobs.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function driverFor({ databaseUrl, migrationUrl, redisUrl }: StorageAddresses, { embedded }: Store): JobDriver {
  if (redisUrl !== undefined) return bullmqDriver({ url: redisUrl })
  // It makes its tables itself.
  if (databaseUrl !== undefined) return pgBossDriver({ url: migrationUrl ?? databaseUrl })
  return pgBossDriver({ pglite: embedded })
}
