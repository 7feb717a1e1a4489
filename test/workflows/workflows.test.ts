import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { openStore } from '@holdfast/store/database'
import { describe } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import { REDIS, startRedis } from '../services/redis-server.ts'
import { describeWorkflows } from './contract.ts'

describeWorkflows('PGlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-workflows-'))
  return {
    store: () => openStore({ directory: join(directory, 'store') }),
    async driver() {
      const pglite = await PGlite.create(join(directory, 'jobs'))
      return { driver: pgBossDriver({ pglite, stalledAfterMs: 10_000 }), close: () => pglite.close() }
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
})

const nothing = (): Promise<void> => Promise.resolve()

describe.skipIf(POSTGRES === '')('on servers', () => {
  describeWorkflows('PostgreSQL', async () => {
    const server = await startPostgres()
    const url = await server.newDatabase()
    return {
      store: () => openStore({ url }),
      driver: () => Promise.resolve({ driver: pgBossDriver({ url, stalledAfterMs: 10_000 }), close: nothing }),
      close: () => server.stop(),
    }
  })

  describe.skipIf(REDIS === '')('and Redis', () => {
    describeWorkflows('PostgreSQL, driven by BullMQ', async () => {
      const server = await startPostgres()
      const redis = await startRedis()
      const url = await server.newDatabase()
      return {
        store: () => openStore({ url }),
        driver: () =>
          Promise.resolve({ driver: bullmqDriver({ url: redis.url, stalledAfterMs: 2_000 }), close: nothing }),
        async close() {
          await redis.stop()
          await server.stop()
        },
      }
    })
  })
})
