/* Drives runs, and is killed once at each point that no worker before it was killed at. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createJobs } from '@holdfast/agents/jobs'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { createWorkflows } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { poisonOf, tripOf } from './trip.ts'

const [directory, tenant, runId, mode] = process.argv.slice(2) as [string, string, string, 'boundaries' | 'poison']
const killedAt = `${directory}/killed-at`

function at(point: string): Promise<void> {
  const before = existsSync(killedAt) ? readFileSync(killedAt, 'utf8').split('\n') : []
  if (!before.includes(point)) {
    appendFileSync(killedAt, `${point}\n`)
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined)
  }
  return Promise.resolve()
}

/** Where the run is, after each transaction. */
async function pointOf(store: Store): Promise<string> {
  return store.asWorker(tenant, async (transaction) => {
    const runs = await transaction
      .selectFrom('workflow_runs')
      .select(['workflow', 'state'])
      .orderBy('created_at')
      .execute()
    const steps = await transaction.selectFrom('workflow_steps').select(['name', 'state']).orderBy('name').execute()
    return JSON.stringify([
      runs.map(({ workflow, state }) => [workflow, state]),
      steps.map(({ name, state }) => [name, state]),
    ])
  })
}

const store = await openStore({ directory: `${directory}/store` })
const watched: Pick<Store, 'asWorker' | 'withClaims'> = {
  withClaims: (...given) => store.withClaims(...given),
  async asWorker(...given) {
    const result = await store.asWorker(...given)
    if (mode === 'boundaries') await at(await pointOf(store))
    return result
  },
}
if (store.embedded === undefined) throw new Error('The store is not in this process')
const jobs = createJobs({ driver: pgBossDriver({ pglite: store.embedded, stalledAfterMs: 10_000 }) })
const workflows = createWorkflows({
  store: watched,
  jobs,
  workflows: [...tripOf({ effects: `${directory}/effects`, at }), poisonOf(directory)],
  leaseMs: 1_000,
  sweepMs: 200,
  maxLostLeases: mode === 'poison' ? 2 : 20,
})
await workflows.work()
const output = await workflows
  .result(tenant, runId, { timeoutMs: 120_000 })
  .catch((error: { code?: string }) => error.code)
console.log(JSON.stringify(output))
process.exit()
