import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { createJobs } from '@holdfast/agents/jobs'
import { describe, expect, it } from 'vitest'
import { REDIS, startRedis } from '../services/redis-server.ts'
import { describeJobs } from './contract.ts'
import { describeLostWorkers } from './lost-workers.ts'

describe.skipIf(REDIS === '')('on Redis', () => {
  describeJobs('BullMQ', 'on a server', async () => {
    const server = await startRedis()
    const outage = { down: () => server.kill(), up: () => server.start() }
    return {
      engine: { driver: () => bullmqDriver({ url: server.url, stalledAfterMs: 2_000 }), outage },
      close: () => server.stop(),
    }
  })

  it('closes every connection that it has made', async () => {
    const server = await startRedis()
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const jobs = createJobs({ driver: bullmqDriver({ url: server.url }) })
    await jobs.work('search', () => 'done')
    expect(await jobs.result(await jobs.add('search', 1))).toBe('done')
    expect(sockets()).toBeGreaterThan(before)
    await jobs.close()
    await expect.poll(sockets, { timeout: 5_000 }).toBe(before)
    await server.stop()
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
