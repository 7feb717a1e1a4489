import type { ServiceAddress } from '@holdfast/ai'
import { createIntegration, HoldfastError, systemClock } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import type { HoldfastConfig, HubSpotSourceOptions, SheetSourceOptions, ToolServerOptions } from '../config/options.ts'
import { isSmtp } from '../environment/address.ts'
import type { Environment } from '../environment/environment.ts'
import type { ServiceName } from '../environment/services.ts'
import { SERVICE_SWITCHES } from '../environment/services.ts'
import type { SandboxProcess } from '../sandbox/sandbox-process.ts'
import { createRedact } from '../telemetry/redact.ts'
import { probeModel } from './model-probes.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'
import { PROBES } from './probes.ts'
import type { ProbeResult } from './probes.ts'
import { sandboxFor } from './sandbox.ts'

const PROBE_TIMEOUT_MS = 5_000
/** A model that thinks takes its time. */
const MODEL_TIMEOUT_MS = 15_000
/** A program may have to be fetched first. */
const TOOL_SERVER_TIMEOUT_MS = 15_000

/** What was found of a service or a model. */
interface Checked {
  readonly well: boolean
  readonly row: readonly string[]
}

/**
 * `holdfast check`: says of each service whether it is real or the sandbox, whether its key is there, and whether it
 * answers; of each configured model whether it answers with its key, for which it is asked for one token; of each source of `sync` whether it has what is read; and of each of `toolServers` whether it takes the calls that desks make. Exit code 1 when one does not. When services are at the sandbox and none runs, one is started for the check.
 */
export async function runCheck(
  {
    models = {},
    sync,
    toolServers = {},
    desks = [],
  }: Pick<HoldfastConfig, 'models' | 'sync' | 'toolServers' | 'desks'>,
  environment: Environment,
  output: Output,
  modelTimeoutMs: number = MODEL_TIMEOUT_MS,
): Promise<number> {
  for (const warning of environment.warnings) output.err(`Warning: ${warning}\n`)
  if (sync !== undefined) {
    const { checkSchedules } = await import('../sync/check-schedules.ts')
    checkSchedules(sync, new Date(systemClock.wallTime()))
  }
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
      ...Object.entries(sync?.sources ?? {}).flatMap(([name, source]) =>
        source.from === 'store' ? [] : [checkSource(name, source, environment)],
      ),
      ...Object.entries(toolServers).map(([name, server]) => checkToolServer(name, server, desks, environment)),
    ])
    const redact = createRedact(environment.secrets)
    output.out(redact(`${table(results.map(({ row }) => row))}\n`))
    const unwell = results.filter(({ well }) => !well).length
    const kinds = [
      'service',
      ...(hasSome(models) ? ['model'] : []),
      ...(hasSome(sync?.sources ?? {}) ? ['source'] : []),
      ...(hasSome(toolServers) ? ['tool server'] : []),
    ]
    output.out(
      unwell === 0
        ? `\nEvery ${listed(kinds)} answers.\n`
        : `\n${unwell} of ${results.length} ${listed(kinds.map((kind) => `${kind}s`))} do not answer as they should.\n`,
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
  return checkAt(isSmtp(address.url) ? 'smtp' : name, address, `${SERVICE_SWITCHES[name]} is not set`, (integration) =>
    PROBES[name](address, integration),
  )
}

async function checkSource(
  name: string,
  source: SheetSourceOptions | HubSpotSourceOptions,
  environment: Environment,
): Promise<Checked> {
  // Only who has sources loads what reads them.
  const [{ addressOf }, { probeSource }] = await Promise.all([
    import('../sync/open-sources.ts'),
    import('./source-probes.ts'),
  ])
  const address = addressOf(source, environment)
  const missing = `${SERVICE_SWITCHES[source.from]} is not set`
  return checkAt(`source ${name}`, address, missing, (integration) => probeSource(source, address, integration))
}

async function checkToolServer(
  name: string,
  server: ToolServerOptions,
  desks: NonNullable<HoldfastConfig['desks']>,
  { toolServerValues }: Environment,
): Promise<Checked> {
  const { probeToolServer } = await import('./tool-server-probes.ts')
  const calls = desks.flatMap(({ toolCalls = [] }) => toolCalls)
  const hasKey = 'url' in server ? server.tokenVariable !== undefined : hasSome(server.variables ?? [])
  const found = await probeToolServer(name, server, toolServerValues, calls, TOOL_SERVER_TIMEOUT_MS).catch(failure)
  return {
    well: found.well,
    row: [`tools ${name}`, 'real', hasKey ? 'key is there' : 'no key', verdict(found.well), found.finding],
  }
}

async function checkAt(
  name: string,
  address: ServiceAddress,
  missing: string,
  probe: (integration: Integration) => Promise<ProbeResult>,
): Promise<Checked> {
  const integration = createIntegration({
    name: name.replace(' ', '-'),
    deadlineMs: PROBE_TIMEOUT_MS,
    attemptTimeoutMs: PROBE_TIMEOUT_MS,
    retry: { maxRetries: 0 },
    breaker: false,
  })
  const which = address.sandbox
    ? ['sandbox', missing]
    : ['real', address.credentials['apiKey'] === undefined ? 'no key' : 'key is there']
  try {
    const { well, finding } = await probe(integration)
    return { well, row: [name, ...which, verdict(well), finding] }
  } catch (error) {
    const { well, finding } = failure(error)
    return { well, row: [name, ...which, verdict(well), finding] }
  }
}

function failure(error: unknown): ProbeResult {
  return { well: false, finding: HoldfastError.isInstance(error) ? `${error.code}: ${error.message}` : String(error) }
}

function hasSome(named: object): boolean {
  return Object.keys(named).length > 0
}

/** `a, b and c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function verdict(well: boolean): string {
  return well ? 'ok' : 'FAILED'
}
