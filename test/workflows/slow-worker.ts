/* Drives slow runs on a server, by a wall clock that may be wrong, until it is ended or killed. */
import { appendFile } from 'node:fs/promises'
import { createJobs } from '@holdfast/agents/jobs'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { createWorkflows, defineWorkflow } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import { z } from 'zod'

const [url, effects, mode] = process.argv.slice(2) as [string, string, 'hold' | 'finish']

const slow = defineWorkflow({
  name: 'slow',
  version: 1,
  input: z.object({}),
  run: (run) =>
    run.step('work', async () => {
      await appendFile(effects, `begun by ${process.pid}\n`)
      if (mode === 'hold') await new Promise((resolve) => setTimeout(resolve, 6_000))
      return process.pid
    }),
})
const store = await openStore({ url, migrate: false })
const jobs = createJobs({ driver: pgBossDriver({ url, stalledAfterMs: 10_000 }) })
const workflows = createWorkflows({ store, jobs, workflows: [slow], leaseMs: 2_000, sweepMs: 300 })
if (mode === 'hold') console.log((await workflows.start('acme', slow, {})).runId)
await workflows.work()
console.log('working')
