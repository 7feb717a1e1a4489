import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '@holdfast/core'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { createAccess } from '../access/access.ts'
import { makeToken } from '../access/secret.ts'
import { createAnswersUnderWay } from '../answer/under-way.ts'
import { createDecisionKeeper } from '../audit/keep-decisions.ts'
import { keepConfiguredAccounts } from '../budgets/keep-accounts.ts'
import type { KeptAccounts } from '../budgets/keep-accounts.ts'
import type { HoldfastConfig } from '../config/options.ts'
import { SERVER_DEFAULTS, STORAGE_DEFAULTS } from '../config/options.ts'
import type { DeskHouseOptions } from '../desks/desk-house.ts'
import type { DeskHouse } from '../desks/desks.ts'
import { createKeeper } from '../desks/keep-entries.ts'
import type { ServerIntake } from '../desks/open-intake.ts'
import type { ServerWrites } from '../desks/server-writes.ts'
import { openEmergencyDesk } from '../emergency/emergency-desk.ts'
import type { Environment } from '../environment/environment.ts'
import { httpUrl } from '../environment/environment.ts'
import { EnvironmentError, SAFE_LENGTH, tooShort } from '../environment/variables.ts'
import { createApp } from '../http/app.ts'
import type { Log } from '../http/context.ts'
import { createRuntime } from '../runtime/runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { startSandboxProcess } from '../sandbox/sandbox-process.ts'
import { logEvent } from '../telemetry/event-log.ts'
import { logStoreEvent } from '../telemetry/store-log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { warmUp } from './warm-up.ts'

/** A server that is listening. */
export interface RunningServer {
  readonly url: string
  readonly adminToken: string
  /** Where the sandbox's switches are, while it is in use. */
  readonly sandboxUrl: string | undefined
  /** Takes no new work, lets answers under way finish within the grace time, and ends the sandbox. */
  stop(): Promise<void>
}

/** What {@link startServer} is made with. */
export interface StartOptions {
  readonly config: HoldfastConfig
  readonly environment: Environment
  /** The token for `/admin`, when the environment has none. 16 characters or more. Default: a new one. */
  readonly adminToken?: string
  readonly log: Log
}

/** The port is taken, or the address is not this machine's. */
export class ListenError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ListenError'
  }
}

/**
 * Starts the server and, while some service has no key, the sandbox.
 * @throws ConfigError, EnvironmentError for an `adminToken` that may be guessed, SandboxError or ListenError.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, environment, log } = options
  const adminToken = environment.adminToken ?? options.adminToken ?? makeToken()
  if (adminToken.length < SAFE_LENGTH) throw new EnvironmentError([tooShort('adminToken')])
  const settings = { ...SERVER_DEFAULTS, ...config.server }
  const writes = await openWritesOf(options)
  const runtime = createRuntime(config, environment, writes)
  const answers = createAnswersUnderWay(settings.maxConcurrentAnswers)

  // Before the sandbox is started: a second server would otherwise be told that the sandbox's port is the trouble.
  await requireFree(environment)
  // Before anything can ask a model.
  const accounts = await keepConfiguredAccounts(runtime.budgets, config, 'budgets', log)
  const intake = await openIntakeOf(options)
  const keeper = intake && createKeeper(intake, log)
  const emergency = await openEmergencyDesk({
    config,
    onCall: environment.onCall,
    runtime,
    keep: keeper?.ticket,
  }).catch(async (error: unknown) => {
    await Promise.all([intake?.close(), accounts?.close()])
    throw error
  })
  const integrations = emergency?.integrations ?? runtime.integrations
  const house: { desks: DeskHouse | undefined } = { desks: undefined }
  const metrics = createMetrics({
    integrations,
    underWay: () => answers.count,
    undelivered: emergency && ((): number => emergency.health().undelivered),
    unconfirmedWrites: writes?.waiting,
    sync: () => house.desks?.open?.sync?.standing(),
  })
  runtime.events.on((event) => metrics.observe(event))
  runtime.events.on((event) => logEvent(log, event))
  const decisions = keeper && createDecisionKeeper(keeper.audit, log)
  if (decisions !== undefined) runtime.events.on(decisions.observe)
  emergency?.events.on((event) => metrics.observe(event))
  emergency?.events.on((event) => logStoreEvent(log, event))

  const sandboxed = environment.servicesInUse.some((name) => environment.services[name].sandbox)
  const starting = sandboxed ? startSandboxProcess({ port: environment.sandboxPort, log }) : undefined
  const opening = openDesks(options, runtime, integrations, {
    intake,
    writes,
    accounts,
    observeSync: (event) => metrics.observe(event),
  })
  const ready = await Promise.all([starting, warmUp(config.assistants, log), opening]).catch(async (error: unknown) => {
    await Promise.all([emergency?.stop(), opening.then((desks) => desks?.stop())])
    await Promise.all([intake?.close(), accounts?.close()])
    throw error
  })
  const [sandbox, , desks] = ready
  house.desks = desks
  try {
    const app = await createApp({
      version: VERSION,
      assistants: emergency?.assistants ?? runtime.assistants,
      integrations: [...integrations, ...(desks?.integrations.filter((one) => !integrations.includes(one)) ?? [])],
      services: environment.services,
      contact: config.contact,
      access: createAccess({ apiKeys: environment.apiKeys, keyRequired: !environment.loopback, adminToken }),
      answers,
      options: settings,
      events: runtime.events,
      metrics,
      log,
      clock: systemClock,
      loopback: environment.loopback,
      sandbox,
      budgets: runtime.budgets,
      accounts,
      emergency: emergency?.health,
      desks,
      audit: keeper?.audit,
      hookToken: environment.storage.hookToken,
    })
    await app.listen({ host: environment.host, port: environment.port })
    const address = app.server.address()
    return {
      url: httpUrl(
        environment.host,
        typeof address === 'object' ? (address?.port ?? environment.port) : environment.port,
      ),
      adminToken,
      sandboxUrl: sandbox?.controlUrl,
      async stop() {
        await Promise.all([answers.stop(settings.shutdownGraceMs), desks?.endStreams()])
        await app.close()
        // Their entries, and its tickets, go to the intake, and that to the store.
        await decisions?.settled()
        await emergency?.stop()
        await intake?.close()
        await desks?.stop()
        // The last that may have asked a model has ended.
        await Promise.all([sandbox?.stop(), metrics.close(), accounts?.close()])
      },
    }
  } catch (error) {
    await Promise.all([sandbox?.stop(), emergency?.stop()])
    await intake?.close()
    await desks?.stop()
    await accounts?.close()
    throw listenError(error, environment)
  }
}

async function openIntakeOf({ config, log }: StartOptions): Promise<ServerIntake | undefined> {
  if ((config.desks ?? []).length === 0) return undefined
  const { openIntake } = await import('../desks/open-intake.ts')
  return openIntake(join(config.storage?.directory ?? STORAGE_DEFAULTS.directory, 'intake'), log)
}

/** Where there are desks there is a store: what assistants write is remembered in it, too. */
async function openWritesOf({ config, environment, log }: StartOptions): Promise<ServerWrites | undefined> {
  if ((config.desks ?? []).length === 0) return undefined
  const { openServerWrites } = await import('../desks/server-writes.ts')
  return openServerWrites(log, environment.storage.account)
}

/** Databases and queues are loaded by who has desks: they take some 30 MB. */
async function openDesks(
  { config, environment, log }: StartOptions,
  { events, desk }: Runtime,
  integrations: readonly Integration[],
  {
    intake,
    writes,
    accounts,
    observeSync,
  }: {
    readonly intake: ServerIntake | undefined
    readonly writes: ServerWrites | undefined
    readonly accounts: KeptAccounts | undefined
    readonly observeSync: DeskHouseOptions['observeSync']
  },
): Promise<DeskHouse | undefined> {
  if (writes === undefined) return undefined
  const { startDesks } = await import('../desks/desk-house.ts')
  return startDesks({
    config,
    environment,
    integrations,
    events: events as Events<CoreEvent>,
    runtime: desk,
    log,
    takesRequests: true,
    writes,
    intake,
    accounts,
    observeSync,
    keyTenants: environment.apiKeys.map(({ tenant }) => tenant),
  })
}

/** The version of this package. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

function requireFree(environment: Environment): Promise<void> {
  const { host, port } = environment
  return new Promise((resolve, reject) => {
    const trial = createServer()
    trial.once('error', (error) => reject(listenError(error, environment)))
    trial.listen({ host, port, exclusive: true }, () => trial.close(() => resolve()))
  })
}

function listenError(error: unknown, { host, port }: Environment): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new ListenError(`Port ${port} is in use. Set PORT to another one, or end what is using it.`)
    case 'EACCES':
      return new ListenError(`Port ${port} may not be used by this user. Set PORT to one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(`HOST is ${host}, which is no address of this machine.`)
    default:
      return error
  }
}
