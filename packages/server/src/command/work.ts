import process from 'node:process'
import type { CoreEvent, Events } from '@holdfast/core'
import { keepConfiguredAccounts } from '../budgets/keep-accounts.ts'
import type { HoldfastConfig } from '../config/options.ts'
import { SERVER_DEFAULTS } from '../config/options.ts'
import { startDesks } from '../desks/desk-house.ts'
import { openServerWrites } from '../desks/server-writes.ts'
import type { Environment } from '../environment/environment.ts'
import { createRuntime } from '../runtime/runtime.ts'
import { logEvent } from '../telemetry/event-log.ts'
import { createLog } from '../telemetry/log.ts'
import { createRedact } from '../telemetry/redact.ts'
import { CommandError } from './admin-client.ts'
import type { Output } from './output.ts'

/** `holdfast work`: works on what desks have taken until SIGTERM or SIGINT. Resolves with the exit code. */
export async function runWork(config: HoldfastConfig, environment: Environment, output: Output): Promise<number> {
  if ((config.desks ?? []).length === 0)
    throw new CommandError('There are no `desks` in the configuration to work for.')
  // The embedded store has one process.
  if (environment.storage.databaseUrl === undefined) {
    throw new CommandError('DATABASE_URL is not set: a worker needs the database of the servers that it works for.')
  }
  const needed = new Set((config.desks ?? []).flatMap(({ integrations }) => integrations))
  const sandboxed = environment.servicesInUse.filter((name) => needed.has(name) && environment.services[name].sandbox)
  if (sandboxed.length > 0) {
    output.err(`Warning: on the sandbox are ${sandboxed.join(', ')}; it has to be started by somebody else\n`)
  }
  const log = createLog({
    level: config.server?.logLevel ?? SERVER_DEFAULTS.logLevel,
    redact: createRedact(environment.secrets),
    sink: process.stdout,
    pretty: process.stdout.isTTY,
  })
  const stopAsked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
  const writes = openServerWrites(log, environment.storage.account)
  const runtime = createRuntime(config, environment, writes)
  runtime.events.on((event) => logEvent(log, event))
  const accounts = await keepConfiguredAccounts(runtime.budgets, config, 'budgets-of-worker', log)
  const desks = await startDesks({
    config,
    environment,
    integrations: runtime.integrations,
    events: runtime.events as Events<CoreEvent>,
    runtime: runtime.desk,
    log,
    takesRequests: false,
    accounts,
    writes,
    keyTenants: environment.apiKeys.map(({ tenant }) => tenant),
  })
  log.info({ pid: process.pid }, 'working')
  const why = await stopAsked
  log.info({ why }, 'stopping: what is under way is finished, or left to others')
  await desks?.stop()
  await accounts?.close()
  log.info({}, 'stopped')
  return 0
}
