import type { z } from 'zod'
import { anthropic } from './anthropic/anthropic.ts'
import { apollo } from './apollo/apollo.ts'
import { avinode } from './avinode/avinode.ts'
import { calCom } from './calendar/cal-com.ts'
import { Diary } from './calendar/diary.ts'
import { createControl, portOf } from './control/control.ts'
import { closesPort, faultSchema, type Fault, type FaultOptions } from './faults/fault.ts'
import { Switchboard, type SetFault } from './faults/switchboard.ts'
import { googleAuth } from './google/auth.ts'
import { googleCalendar } from './google/calendar.ts'
import { googleSheets } from './google/sheets.ts'
import { Pacer } from './http/pacer.ts'
import { StandIn, type Vendor } from './http/stand-in.ts'
import { hubspot } from './hubspot/hubspot.ts'
import { Journal, type RequestRecord, type SummarySlice } from './journal/journal.ts'
import { llm } from './llm/llm.ts'
import { n8n } from './n8n/n8n.ts'
import { Outbox, type Arrival, type OutboxService } from './outbox/outbox.ts'
import { resend } from './resend/resend.ts'
import { hostOf, SERVICES, SERVICE_PATHS, type Service } from './services.ts'
import { SETTINGS_DEFAULTS, settingsSchema, type Settings } from './settings.ts'
import { teams } from './teams/teams.ts'
import { createWorld } from './world/world.ts'

/** How a sandbox is started. */
export interface SandboxOptions {
  /** Port of the control API; the services take the next four. 0 takes any free ports. Default 0. */
  readonly controlPort?: number
  /** Default `127.0.0.1`; only loopback addresses are taken. */
  readonly host?: string
  /** Seed of the invented data. */
  readonly seed?: number
  /** Milliseconds since 1970; quotes and rate limits follow it. Default: the real time. */
  readonly now?: () => number
  readonly settings?: Partial<Settings>
}

/** A running sandbox. */
export interface Sandbox {
  /** Of the control API, without a slash at the end. */
  readonly url: string
  /** Where clients of each service point. */
  readonly services: Readonly<Record<Service, { readonly url: string }>>
  readonly faults: {
    /** Sets a fault in place of the service's earlier one. @throws Error with the field that is wrong. */
    set(service: Service, fault: FaultOptions): Promise<void>
    clear(service?: Service): Promise<void>
    list(): SetFault[]
  }
  readonly settings: {
    get(): Settings
    /** @throws Error with the field that is wrong. */
    change(changes: z.input<typeof settingsSchema>): void
    reset(): void
  }
  /** What the stand-ins received, newest last. */
  requests(service?: Service, options?: { readonly bodies?: boolean }): RequestRecord[]
  summary(filter?: { readonly service?: Service; readonly path?: string; readonly sliceMs?: number }): SummarySlice[]
  clearRequests(): void
  /** E-mails and messages that would be with somebody now, oldest first; the newest 1,000. */
  arrived(service?: OutboxService): Arrival[]
  clearArrived(): void
  close(): Promise<void>
}

/** A port that the sandbox needs belongs to somebody else. */
export class PortInUse extends Error {
  constructor(port: number, what: string) {
    super(`port ${port} (${what}) is in use; set SANDBOX_PORT to the first of five free ports`)
    this.name = 'PortInUse'
  }
}

/** Those with a port of their own. */
const HOSTS = SERVICES.filter((service) => hostOf(service) === service)

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Starts the stand-ins and their control API.
 * @throws PortInUse, or Error for a host that is not loopback.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1'
  if (!LOOPBACK.has(host)) throw new Error(`host: the sandbox listens on loopback only, got ${JSON.stringify(host)}`)
  const controlPort = options.controlPort ?? 0
  const now = options.now ?? Date.now
  const world = await createWorld({ now, ...(options.seed === undefined ? {} : { seed: options.seed }) })
  const journal = new Journal({ now: Date.now })
  const switchboard = new Switchboard(now)
  const pacer = new Pacer()
  const atStart: Settings = { ...SETTINGS_DEFAULTS, ...options.settings }
  let settings = atStart
  const diary = new Diary()
  const outbox = new Outbox(now)
  const vendors: Record<Service, Vendor> = {
    n8n: n8n(world, { settings: () => settings, now }),
    llm: llm({ settings: () => settings, now }),
    apollo: apollo(world, { now }),
    avinode: avinode(world, { settings: () => settings, now }),
    anthropic: anthropic({ settings: () => settings, now }),
    'google-auth': googleAuth({ now }),
    'google-sheets': googleSheets(world, { now }),
    hubspot: hubspot(world, { now }),
    'google-calendar': googleCalendar(diary, { now }),
    'cal-com': calCom(diary, { now }),
    resend: resend(outbox, { now }),
    teams: teams(outbox),
  }
  const guestsOf = (host: Service): Vendor[] =>
    SERVICES.filter((service) => service !== host && hostOf(service) === host).map((service) => vendors[service])
  const standIns = Object.fromEntries(
    HOSTS.map((service, index) => [
      service,
      new StandIn(vendors[service], guestsOf(service), {
        host,
        port: controlPort === 0 ? 0 : controlPort + 1 + index,
        switchboard,
        journal,
        pacer,
        pace: () => settings,
      }),
    ]),
  ) as Record<Service, StandIn>
  const flapping = new Map<Service, NodeJS.Timeout>()

  const address = (service: Service): string => `${standIns[hostOf(service)].origin}${SERVICE_PATHS[service]}`
  const addresses = (): Record<Service, string> =>
    Object.fromEntries(SERVICES.map((service) => [service, address(service)])) as Record<Service, string>

  const stopFlapping = (service: Service): void => {
    clearTimeout(flapping.get(service))
    flapping.delete(service)
  }
  const flap = async (service: Service, fault: Extract<Fault, { fault: 'flap' }>, up: boolean): Promise<void> => {
    await standIns[service].reachable(up)
    if (switchboard.get(service) !== fault) return
    const next = (): void => {
      flap(service, fault, !up).catch((error: unknown) => console.error(`sandbox: ${service} cannot flap:`, error))
    }
    flapping.set(service, setTimeout(next, up ? fault.upMs : fault.downMs))
  }
  const setFault = async (fault: Fault): Promise<void> => {
    const { service } = fault
    stopFlapping(service)
    switchboard.set(fault)
    if (fault.fault === 'flap' && closesPort(fault)) await flap(service, fault, false)
    else if (hostOf(service) === service) await standIns[service].reachable(!closesPort(fault))
  }
  const clearFaults = async (service?: Service): Promise<void> => {
    const cleared: readonly Service[] = service === undefined ? SERVICES : [service]
    switchboard.clear(service)
    for (const one of cleared) stopFlapping(one)
    await Promise.all(HOSTS.filter((one) => cleared.includes(one)).map((one) => standIns[one].reachable(true)))
  }
  const changeSettings = (changes: z.output<typeof settingsSchema>): void => {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined)
    settings = { ...settings, ...Object.fromEntries(given) }
  }

  const control = createControl({
    addresses,
    journal,
    outbox,
    listFaults: () => switchboard.list(),
    setFault,
    clearFaults,
    settings: () => settings,
    changeSettings,
    resetSettings: () => {
      settings = atStart
    },
  })
  const close = async (): Promise<void> => {
    switchboard.clear()
    for (const service of SERVICES) stopFlapping(service)
    const closed = new Promise<void>((resolve) => control.close(() => resolve()))
    control.closeAllConnections()
    await Promise.all([closed, ...HOSTS.map((service) => standIns[service].reachable(false))])
  }

  try {
    await new Promise<void>((resolve, reject) => {
      control.once('error', reject)
      control.listen({ port: controlPort, host }, () => resolve())
    })
    for (const service of HOSTS) await standIns[service].reachable(true)
  } catch (error) {
    await close()
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    if (code !== 'EADDRINUSE') throw error
    throw new PortInUse(port ?? controlPort, HOSTS[(port ?? controlPort) - controlPort - 1] ?? 'control')
  }

  return {
    url: `http://${host}:${portOf(control)}`,
    services: Object.fromEntries(
      SERVICES.map((service) => [service, { url: address(service) }]),
    ) as Sandbox['services'],
    faults: {
      set: async (service, fault) => setFault(faultSchema.parse({ ...fault, service })),
      clear: clearFaults,
      list: () => switchboard.list(),
    },
    settings: {
      get: () => settings,
      change: (changes) => changeSettings(settingsSchema.parse(changes)),
      reset: () => {
        settings = atStart
      },
    },
    requests: (service, { bodies = false } = {}) =>
      journal.list({ ...(service === undefined ? {} : { service }), bodies }),
    summary: (filter = {}) => journal.summary(filter),
    clearRequests: () => journal.clear(),
    arrived: (service) => outbox.list(service),
    clearArrived: () => outbox.clear(),
    close,
  }
}
