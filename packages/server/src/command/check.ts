import { createIntegration, HoldfastError } from '@holdfast/core'
import type { HoldfastConfig } from '../config/options.ts'
import type { Environment } from '../environment/environment.ts'
import type { ServiceName } from '../environment/services.ts'
import { SERVICE_SWITCHES } from '../environment/services.ts'
import type { SandboxProcess } from '../sandbox/sandbox-process.ts'
import { createRedact } from '../telemetry/redact.ts'
import { probeModel } from './model-probes.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'
import { PROBES } from './probes.ts'
import { sandboxFor } from './sandbox.ts'

const PROBE_TIMEOUT_MS = 5_000
/** A model that thinks takes its time. */
const MODEL_TIMEOUT_MS = 15_000

/** What was found of a service or a model. */
interface Checked {
  readonly well: boolean
  readonly row: readonly string[]
}

/**
 * `holdfast check`: says of each service whether it is real or the sandbox, whether its key is there, and whether it
 * answers; and of each configured model whether it answers with its key, for which it is asked for one token. Exit code 1 when one does not. When services are at the sandbox and none runs, one is started for the check.
 */
export async function runCheck(
  { models = {} }: Pick<HoldfastConfig, 'models'>,
  environment: Environment,
  output: Output,
  modelTimeoutMs: number = MODEL_TIMEOUT_MS,
): Promise<number> {
  for (const warning of environment.warnings) output.err(`Warning: ${warning}\n`)
  const sandbox = await sandboxForCheck(environment, output)
  try {
    const results = await Promise.all([
      ...environment.servicesInUse.map((name) => checkService(name, environment)),
      ...Object.entries(models).map(async ([name, options]): Promise<Checked> => {
        const apiKey = environment.modelKeys[name]
        const { well, finding } = await probeModel(name, options, { apiKey, timeoutMs: modelTimeoutMs })
        return {
          well,
          row: [`model ${name}`, 'real', apiKey === undefined ? 'no key' : 'key is there', verdict(well), finding],
        }
      }),
    ])
    const redact = createRedact(environment.secrets)
    output.out(redact(`${table(results.map(({ row }) => row))}\n`))
    const unwell = results.filter(({ well }) => !well).length
    const all =
      Object.keys(models).length === 0 ? ['service', 'services'] : ['service and model', 'services and models']
    output.out(
      unwell === 0
        ? `\nEvery ${all[0]} answers.\n`
        : `\n${unwell} of ${results.length} ${all[1]} do not answer as they should.\n`,
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

async function checkService(name: ServiceName, environment: Environment): Promise<Checked> {
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
    return { well, row: [name, ...which, verdict(well), finding] }
  } catch (error) {
    const finding = HoldfastError.isInstance(error) ? `${error.code}: ${error.message}` : String(error)
    return { well: false, row: [name, ...which, verdict(false), finding] }
  }
}

function verdict(well: boolean): string {
  return well ? 'ok' : 'FAILED'
}
