/* Drives runs on a server until it is ended, or killed. */
import { createJobs } from '@holdfast/agents/jobs'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { createWorkflows } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import { tripOf } from './trip.ts'

const [url, effects] = process.argv.slice(2) as [string, string]
const store = await openStore({ url, migrate: false })
const jobs = createJobs({ driver: pgBossDriver({ url, stalledAfterMs: 10_000 }) })
const workflows = createWorkflows({
  store,
  jobs,
  workflows: tripOf({ effects, at: () => Promise.resolve() }),
  leaseMs: 1_000,
  sweepMs: 300,
})
await workflows.work({ concurrency: 4 })
process.on('SIGTERM', () => {
  void workflows
    .close({ drainMs: 2_000 })
    .then(() => jobs.close({ drainMs: 500 }))
    .then(() => store.close())
    .then(() => process.exit())
})
console.log('working')
