import { join } from 'node:path'
import { redisSigns } from '@holdfast/agents/events/redis'
import type { RedisSigns } from '@holdfast/agents/events/redis'
import { createJobs } from '@holdfast/agents/jobs'
import type { JobDriver, Jobs } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { toHoldfastError } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import type { StorageAddresses } from '../environment/storage.ts'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import { jobsJournal } from './jobs-journal.ts'

/** Where everything is kept, and what waits. */
export interface Storage {
  readonly store: Store
  readonly jobs: Jobs
  close(): Promise<void>
}

/** What {@link openStorage} is made with. */
export interface StorageOptions {
  readonly addresses: StorageAddresses
  /** Of what is embedded, and of the jobs that wait for the queue. */
  readonly directory: string
  readonly storeIntegration: Integration
  readonly jobsIntegration: Integration
  readonly log: Log
}

/** Opens the store and the queue: on servers where there are addresses, else inside the process. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { addresses, jobsIntegration } = options
  const signs = signsFor(addresses, options.log)
  const store = await storeFor(options, signs).catch(async (error: unknown) => {
    await signs?.close()
    throw error
  })
  try {
    const journal = jobsJournal(join(options.directory, 'jobs'), options.log)
    const jobs = createJobs({ driver: driverFor(addresses, store), integration: jobsIntegration, journal })
    return {
      store,
      jobs,
      async close() {
        await jobs.close()
        await journal.close()
        await store.close()
        await signs?.close()
      },
    }
  } catch (error) {
    await store.close()
    await signs?.close()
    throw error
  }
}

function storeFor(
  { addresses, directory, storeIntegration }: StorageOptions,
  signs: RedisSigns | undefined,
): Promise<Store> {
  const { databaseUrl, migrationUrl } = addresses
  const integration = storeIntegration
  if (databaseUrl === undefined) return openStore({ integration, directory: join(directory, 'store') })
  return openStore({ integration, url: databaseUrl, migrationUrl, signs })
}

/** What tells the other processes of events; without a Redis the database does. */
function signsFor({ redisUrl }: StorageAddresses, log: Log): RedisSigns | undefined {
  if (redisUrl === undefined) return undefined
  return redisSigns({
    url: redisUrl,
    onChange: (isReady, error) => {
      if (isReady) log.info({}, 'signs of events go by Redis')
      else
        log.warn(describeFailure(toHoldfastError(error, 'Redis')), 'signs of events go by the database: Redis is away')
    },
  })
}

function driverFor({ databaseUrl, migrationUrl, redisUrl }: StorageAddresses, { embedded }: Store): JobDriver {
  if (redisUrl !== undefined) return bullmqDriver({ url: redisUrl })
  // It makes its tables itself.
  if (databaseUrl !== undefined) return pgBossDriver({ url: migrationUrl ?? databaseUrl })
  return pgBossDriver({ pglite: embedded })
}
