import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { FAULTS, faultSchema, type Fault } from '../faults/fault.ts'
import type { SetFault } from '../faults/switchboard.ts'
import { refuseGarbage } from '../http/garbage.ts'
import { BodyTooLarge, parseJson, readBody, target } from '../http/received.ts'
import type { Journal } from '../journal/journal.ts'
import { OUTBOX_SERVICES, type Outbox, type OutboxService } from '../outbox/outbox.ts'
import { SERVICES, type Service } from '../services.ts'
import { settingsSchema, type Settings } from '../settings.ts'
import { page } from './page.ts'

/** What the control API steers. */
export interface Controlled {
  readonly addresses: () => Readonly<Record<Service, string>>
  readonly journal: Journal
  readonly outbox: Outbox
  readonly listFaults: () => SetFault[]
  readonly setFault: (fault: Fault) => Promise<void>
  readonly clearFaults: (service?: Service) => Promise<void>
  readonly settings: () => Settings
  readonly changeSettings: (changes: z.output<typeof settingsSchema>) => void
  readonly resetSettings: () => void
}

/** A refusal that tells the caller what is wrong. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const WHAT_IT_IS = 'Holdfast sandbox: stand-ins with invented data, not the real services'

/** The control API of the sandbox. */
export function createControl(controlled: Controlled): Server {
  const server = createServer((request, response) => {
    response.setHeader('x-holdfast-sandbox', 'true')
    answer(controlled, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else if (error instanceof Refusal) send(response, error.status, { error: error.message })
      else if (error instanceof BodyTooLarge) send(response, 413, { error: error.message })
      else send(response, 500, { error: `a bug in the sandbox: ${String(error)}` })
    })
  })
  return server.on('clientError', refuseGarbage)
}

/** The port a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function answer(controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, query } = target(request)
  const operation = `${request.method} ${path}`
  switch (operation) {
    case 'GET /': {
      if (!(request.headers.accept ?? '').includes('application/json')) {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        response.end(page(overview(controlled)))
        return
      }
      return send(response, 200, overview(controlled))
    }
    case 'GET /health':
      return send(response, 200, overview(controlled))
    case 'GET /faults':
      return send(response, 200, controlled.listFaults().map(describeFault))
    case 'POST /faults': {
      const fault = readFault(await readJson(request))
      await controlled.setFault(fault)
      return send(response, 200, fault)
    }
    case 'DELETE /faults':
      await controlled.clearFaults(readService(query))
      return send(response, 200, controlled.listFaults().map(describeFault))
    case 'GET /settings':
      return send(response, 200, controlled.settings())
    case 'POST /settings': {
      const changes = settingsSchema.safeParse(await readJson(request))
      if (!changes.success) throw new Refusal(400, explain(changes.error))
      controlled.changeSettings(changes.data)
      return send(response, 200, controlled.settings())
    }
    case 'DELETE /settings':
      controlled.resetSettings()
      return send(response, 200, controlled.settings())
    case 'GET /requests': {
      const service = readService(query)
      const bodies = query.has('bodies') && query.get('bodies') !== '0'
      return send(response, 200, controlled.journal.list({ ...(service === undefined ? {} : { service }), bodies }))
    }
    case 'GET /requests/summary': {
      const service = readService(query)
      const path = query.get('path')
      const filter = { ...(service === undefined ? {} : { service }), ...(path === null ? {} : { path }) }
      return send(response, 200, controlled.journal.summary({ ...filter, sliceMs: readSlice(query) * 1_000 }))
    }
    case 'DELETE /requests':
      controlled.journal.clear()
      return send(response, 200, [])
    case 'GET /arrived':
      return send(response, 200, controlled.outbox.list(readOutboxService(query)))
    case 'DELETE /arrived':
      controlled.outbox.clear()
      return send(response, 200, [])
    default:
      throw new Refusal(
        404,
        `no ${operation} here; there are GET / and /health, GET, POST and DELETE /faults, GET, POST and DELETE /settings, GET and DELETE /requests, GET /requests/summary, GET and DELETE /arrived`,
      )
  }
}

/** What the sandbox tells about itself. */
export interface Overview {
  readonly sandbox: true
  readonly message: string
  readonly services: Readonly<Record<Service, string>>
  readonly faults: readonly unknown[]
  readonly settings: Settings
}

function overview(controlled: Controlled): Overview {
  return {
    sandbox: true,
    message: WHAT_IT_IS,
    services: controlled.addresses(),
    faults: controlled.listFaults().map(describeFault),
    settings: controlled.settings(),
  }
}

function describeFault({ fault, ...counts }: SetFault): unknown {
  return { ...fault, ...counts }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  // Any web page can make a browser send a form or plain text to loopback, but not this without asking first.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'send the body as content-type: application/json')
  }
  const body = parseJson(await readBody(request, 65_536))
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, 'the body must be a JSON object')
  return body
}

function readFault(body: unknown): Fault {
  const { fault, service } = body as { fault?: unknown; service?: unknown }
  if (!(SERVICES as readonly unknown[]).includes(service)) {
    throw new Refusal(400, `service: must be one of ${SERVICES.join(', ')}, got ${shown(service)}`)
  }
  if (!(FAULTS as readonly unknown[]).includes(fault)) {
    throw new Refusal(400, `fault: must be one of ${FAULTS.join(', ')}, got ${shown(fault)}`)
  }
  const parsed = faultSchema.safeParse(body)
  if (!parsed.success) throw new Refusal(400, explain(parsed.error))
  return parsed.data
}

function readService(query: URLSearchParams): Service | undefined {
  const service = query.get('service')
  if (service === null) return undefined
  if (!(SERVICES as readonly string[]).includes(service)) {
    throw new Refusal(400, `service: must be one of ${SERVICES.join(', ')}, got ${shown(service)}`)
  }
  return service as Service
}

function readOutboxService(query: URLSearchParams): OutboxService | undefined {
  const service = query.get('service')
  if (service === null) return undefined
  const found = OUTBOX_SERVICES.find((one) => one === service)
  if (found !== undefined) return found
  throw new Refusal(400, `service: must be one of ${OUTBOX_SERVICES.join(', ')}, got ${shown(service)}`)
}

function readSlice(query: URLSearchParams): number {
  const seconds = Number(query.get('sliceSeconds') ?? 10)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3_600) {
    throw new Refusal(
      400,
      `sliceSeconds: must be a whole number from 1 to 3600, got ${shown(query.get('sliceSeconds'))}`,
    )
  }
  return seconds
}

/** Names each wrong field and what it may be. */
function explain(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const field = issue.path.join('.')
      if (issue.code === 'unrecognized_keys') return `no field ${issue.keys.join(', ')} here`
      if (issue.code === 'invalid_value') return `${field}: must be one of ${issue.values.map(String).join(', ')}`
      return field === '' ? issue.message : `${field}: ${issue.message}`
    })
    .join('; ')
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  })
  response.end(text)
}
