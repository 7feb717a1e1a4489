import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createMcpRegistry } from '@holdfast/agents/mcp'
import type { McpRegistry } from '@holdfast/agents/mcp'
import { startSandbox, type Sandbox } from '@holdfast/sandbox'
import { SMTPServer } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from './harness/ports.ts'

const COMMAND = fileURLToPath(new URL('../packages/server/src/bin/holdfast.ts', import.meta.url))
const DIRECTORY = fileURLToPath(new URL('fixture/office', import.meta.url))
const ARGS = ['--conditions=holdfast-source', COMMAND]
const SETS = ['google-sheets', 'google-calendar', 'cal-com', 'hubspot', 'email', 'teams'] as const
/** The machine may have much else to do. */
const timeout = 240_000

/** A Monday; Cal.com books nothing in the past. */
const NOW = Date.UTC(2026, 10, 30, 8)

let sandbox: Sandbox
let SANDBOX_PORT: string
beforeAll(async () => {
  const controlPort = await freePorts(5)
  SANDBOX_PORT = String(controlPort)
  sandbox = await startSandbox({ controlPort })
})
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.clearRequests()
  sandbox.clearArrived()
})
afterAll(() => sandbox.close())

describe('holdfast check', { timeout }, () => {
  /** Its exit code, and what it says of a service. */
  async function check(
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; of: (service: string) => string }> {
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
    const child = spawn(process.execPath, [...ARGS, 'check'], {
      cwd: DIRECTORY,
      env: { PATH, NODE_COMPILE_CACHE, SANDBOX_PORT, ...env },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    await once(child, 'close')
    const of = (service: string): string => new RegExp(`^ *${service} +(.*)$`, 'm').exec(output)?.[1] ?? output
    return { code: child.exitCode, of }
  }

  it('looks at every service that an assistant names, and changes nothing', async () => {
    const { code, of } = await check()
    expect(of('google-sheets')).toMatch(/^sandbox +GOOGLE_SHEETS_SPREADSHEET_ID is not set +ok +answers.*\(3 sheets\)$/)
    expect(of('google-calendar')).toMatch(/^sandbox +GOOGLE_CALENDAR_ID is not set +ok +answers/)
    expect(of('cal-com')).toMatch(/^sandbox +CALCOM_API_KEY is not set +ok +answers and accepts the key$/)
    expect(of('hubspot')).toMatch(/^sandbox +HUBSPOT_ACCESS_TOKEN is not set +ok +answers and accepts the token$/)
    expect(of('resend')).toMatch(/^sandbox +RESEND_API_KEY is not set +ok +answers.*no e-mail was sent$/)
    expect(of('teams')).toMatch(/^sandbox +TEAMS_WEBHOOK_URL is not set +ok +what is at the address answers/)
    expect(code).toBe(0)
    expect(sandbox.arrived()).toEqual([])
  })

  it('finds those that fail, by themselves or by the tokens that they need', async () => {
    await sandbox.faults.set('google-auth', { fault: 'error', status: 401 })
    await sandbox.faults.set('hubspot', { fault: 'error', status: 401 })
    await sandbox.faults.set('resend', {
      fault: 'error',
      status: 401,
      body: { name: 'restricted_api_key', message: 'This API key is restricted to only send emails' },
    })
    const { code, of } = await check()
    expect(of('google-sheets')).toMatch(/FAILED +NOT_AUTHORISED: Google OAuth/)
    expect(of('hubspot')).toMatch(/FAILED +HTTP_401: HubSpot refused the access token/)
    expect(of('resend')).toMatch(/ok +answers and accepts the key, which may only send/)
    expect(of('cal-com')).toMatch(/ok/)
    expect(code).toBe(1)
  })

  it('signs in to a mail server that e-mail goes by, and sends nothing', async () => {
    const { url, taken } = await mailServer()
    const { code, of } = await check({ SMTP_URL: url('the-password'), EMAIL_FROM: FROM })
    expect(of('smtp')).toMatch(/^real +key is there +ok +the mail server answers and accepts the password; no e-mail/)
    expect(code).toBe(0)
    const wrong = await check({ SMTP_URL: url('another-password'), EMAIL_FROM: FROM })
    expect(wrong.of('smtp')).toMatch(/FAILED +NOT_AUTHORISED/)
    expect([wrong.code, wrong.of('nothing')]).toEqual([1, expect.not.stringContaining('another-password')])
    expect(taken).toEqual([])
  })
})

const FROM = 'The Desk <desk@b.example>'
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A mail server that knows one password. */
async function mailServer(): Promise<{ url: (password: string) => string; taken: string[] }> {
  const taken: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === 'the-password' ? done(null, { user: 'desk' }) : done(new Error('no')),
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => done(void taken.push(text)))
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return { url: (password) => `smtp://desk:${password}@127.0.0.1:${port}`, taken }
}

describe('holdfast mcp', { timeout }, () => {
  let registry: McpRegistry
  beforeAll(() => {
    registry = createMcpRegistry({
      servers: Object.fromEntries(
        SETS.map((name) => [
          name,
          {
            command: process.execPath,
            args: [...ARGS, 'mcp', name],
            cwd: DIRECTORY,
            env: { SANDBOX_PORT },
            connectTimeoutMs: 60_000,
          },
        ]),
      ),
    })
  })
  afterAll(() => registry.close())

  async function use(server: (typeof SETS)[number], tool: string, args: Record<string, unknown>): Promise<unknown> {
    return (await registry.callTool(server, tool, args, { deadlineMs: 120_000 })).structuredContent
  }

  it('finds a client in a spreadsheet and in the CRM', async () => {
    const { ranges } = (await use('google-sheets', 'read_ranges', { ranges: ['Clients!A2:B2'] })) as {
      ranges: { rows: [string, string][] }[]
    }
    const [name = '', email = ''] = ranges[0]?.rows[0] ?? []
    const where = { 'e-mail': email }
    expect(await use('google-sheets', 'find_rows', { sheet: 'Clients', where })).toMatchObject({
      rows: [{ row: 2, values: { Name: name } }],
    })
    const record = { type: 'contacts', id: email, idProperty: 'email' }
    expect(await use('hubspot', 'get_record', record)).toMatchObject({ found: true, record: { properties: { email } } })
  })

  it('books time in both calendars, once for a key', async () => {
    const day = new Date(NOW)
    // A weekday that is to come, whenever this runs.
    while (day.getTime() < Date.now() + 2 * 86_400_000 || [0, 6].includes(day.getUTCDay())) {
      day.setUTCDate(day.getUTCDate() + 1)
    }
    const date = day.toISOString().slice(0, 10)
    const within = { from: `${date}T00:00:00Z`, to: `${date}T23:00:00Z` }
    const event = { title: 'Call', start: `${date}T10:00:00Z`, end: `${date}T10:30:00Z`, idempotencyKey: 'call 1' }
    const made = await use('google-calendar', 'create_event', event)
    expect(await use('google-calendar', 'create_event', event)).toEqual(made)
    expect(await use('google-calendar', 'list_events', within)).toEqual({ events: [made] })
    const { slots } = (await use('cal-com', 'list_slots', { from: date, to: date })) as { slots: { start: string }[] }
    const starts = slots.map(({ start }) => start)
    expect(starts).not.toContain(`${date}T10:00:00.000Z`)
    const attendee = { name: 'Ada', email: 'ada@b.example', timeZone: 'Europe/Paris' }
    expect(await use('cal-com', 'book_slot', { start: starts[0], attendee })).toMatchObject({ status: 'accepted' })
    const { busy } = (await use('google-calendar', 'free_busy', within)) as { busy: unknown[] }
    expect(busy).toHaveLength(2)
  })

  it('sends an e-mail and posts a message, of which each arrives once though a reply is lost', async () => {
    const email = { to: ['ada@b.example'], subject: 'Your quote', text: 'Two jets.' }
    await sandbox.faults.set('resend', { fault: 'cut', next: 1 })
    await use('email', 'send_email', email)
    await sandbox.faults.set('teams', { fault: 'error', status: 503, next: 1 })
    await expect(use('teams', 'post_message', { text: 'x' })).rejects.toMatchObject({ mayHaveTakenEffect: true })
    await use('teams', 'post_message', { text: 'The jet is late.', idempotencyKey: 'm1' })
    await use('teams', 'post_message', { text: 'The jet is late.', idempotencyKey: 'm1' })
    expect(sandbox.arrived().map(({ service }) => service)).toEqual(['resend', 'teams'])
    expect(sandbox.arrived('resend')[0]?.content).toMatchObject({ from: 'desk@sandbox.example', ...email })
  })

  it('sends an e-mail by a mail server, once for a key', async () => {
    const { url, taken } = await mailServer()
    const env = { SANDBOX_PORT, SMTP_URL: url('the-password'), EMAIL_FROM: FROM }
    const args = [...ARGS, 'mcp', 'email']
    const email = { command: process.execPath, args, cwd: DIRECTORY, env, connectTimeoutMs: 60_000 }
    const own = createMcpRegistry({ servers: { email } })
    closing.push(() => own.close())
    const message = { to: ['ada@b.example'], subject: 'Your quote', text: 'Two jets.', idempotencyKey: 'quote-7' }
    const { structuredContent } = await own.callTool('email', 'send_email', message, { deadlineMs: 120_000 })
    expect(await own.callTool('email', 'send_email', message)).toMatchObject({ structuredContent })
    expect(taken).toEqual([expect.stringMatching(/^From: The Desk <desk@b\.example>$/m)])
  })
})
