import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { describe } from 'vitest'
import { REDIS, startRedis } from '../services/redis-server.ts'
import { describeJobs } from './contract.ts'
import { describeLostWorkers } from './lost-workers.ts'

describe.skipIf(REDIS === '')('on Redis', () => {
  describeJobs('BullMQ', async () => {
    const server = await startRedis()
    const outage = { down: () => server.kill(), up: () => server.start() }
    return { engine: { driver: () => bullmqDriver({ url: server.url }), outage }, close: () => server.stop() }
  })

  describeLostWorkers('BullMQ', async () => {
    const server = await startRedis()
    return {
      driver: () => bullmqDriver({ url: server.url, stalledAfterMs: 2_000 }),
      kind: 'bullmq',
      url: server.url,
      close: () => server.stop(),
    }
  })
})
