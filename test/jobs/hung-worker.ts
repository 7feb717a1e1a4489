/* Takes a job, says so, and never ends it. */
import { createJobs } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'

const [kind, url] = process.argv.slice(2) as [string, string]
const driver =
  kind === 'bullmq' ? bullmqDriver({ url, stalledAfterMs: 2_000 }) : pgBossDriver({ url, stalledAfterMs: 10_000 })
await createJobs({ driver }).work('search', () => {
  console.log('begun')
  return new Promise(() => undefined)
})
