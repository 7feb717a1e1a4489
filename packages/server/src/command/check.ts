import { createIntegration, HoldfastError } from '@holdfast/core'
import type { Environment } from '../environment/environment.ts'
import type { ServiceName } from '../environment/services.ts'
import { SERVICE_SWITCHES } from '../environment/services.ts'
import type { SandboxProcess } from '../sandbox/sandbox-process.ts'
import { createRedact } from '../telemetry/redact.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'
import { PROBES } from './probes.ts'
import { sandboxFor } from './sandbox.ts'

const PROBE_TIMEOUT_MS = 5_000

/**
 * `holdfast check`: says of each service whether it is real or the sandbox, whether its key is there, and whether it
 * answers. Exit code 1 when one does not. When services are at the sandbox and none runs, one is started for the check.
 */
export async function runCheck(environment: Environment, output: Output): Promise<number> {
  for (const warning of environment.warnings) output.err(`Warning: ${warning}\n`)
  const sandbox = await sandboxForCheck(environment, output)
  try {
    const results = await Promise.all(environment.servicesInUse.map((name) => checkService(name, environment)))
    const redact = createRedact(environment.secrets)
    output.out(redact(`${table(results.map(({ row }) => row))}\n`))
    const unwell = results.filter(({ well }) => !well).length
    output.out(
      unwell === 0
        ? '\nEvery service answers.\n'
        : `\n${unwell} of ${results.length} services do not answer as they should.\n`,
    )
    return unwell === 0 ? 0 : 1
  } finally {
    await sandbox?.stop()
  }
}

async function sandboxForCheck(environment: Environment, output: Output): Promise<SandboxProcess | undefined> {
  if (!environment.servicesInUse.some((name) => environment.services[name].sandbox)) return undefined
  return sandboxFor('this check', environment, output.out)
}

async function checkService(name: ServiceName, environment: Environment): Promise<{ well: boolean; row: string[] }> {
  const address = environment.services[name]
  const integration = createIntegration({
    name,
    deadlineMs: PROBE_TIMEOUT_MS,
    attemptTimeoutMs: PROBE_TIMEOUT_MS,
    retry: { maxRetries: 0 },
    breaker: false,
  })
  const which = address.sandbox
    ? ['sandbox', `${SERVICE_SWITCHES[name]} is not set`]
    : ['real', address.credentials['apiKey'] === undefined ? 'no key' : 'key is there']
  try {
    const { well, finding } = await PROBES[name](address, integration)
    return { well, row: [name, ...which, well ? 'ok' : 'FAILED', finding] }
  } catch (error) {
    const finding = HoldfastError.isInstance(error) ? `${error.code}: ${error.message}` : String(error)
    return { well: false, row: [name, ...which, 'FAILED', finding] }
  }
}
