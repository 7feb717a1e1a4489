import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startSandbox, type Sandbox } from '@holdfast/sandbox'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { freePorts } from './harness/ports.ts'

const COMMAND = fileURLToPath(new URL('../packages/server/src/bin/holdfast.ts', import.meta.url))
const fixture = (name: string): string => fileURLToPath(new URL(`fixture/${name}`, import.meta.url))
const KEYS = { MY_OPENAI_KEY: 'sk-openai-of-the-test', MY_ANTHROPIC_KEY: 'sk-anthropic-of-the-test' }
/** A model may take 15 s, and the machine may have much else to do. */
const timeout = 120_000

let sandbox: Sandbox
let controlPort: number
beforeAll(async () => {
  controlPort = await freePorts(5)
  sandbox = await startSandbox({ controlPort })
})
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.clearRequests()
})
afterAll(() => sandbox.close())

/** `holdfast check`: its exit code, and what it says of each model, by the model's name. */
async function check(
  directory = 'models',
  more: Record<string, string> = {},
): Promise<{ code: number | null; output: string; gpt: string; claude: string }> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=holdfast-source', COMMAND, 'check'], {
    cwd: fixture(directory),
    env: { PATH, NODE_COMPILE_CACHE, SANDBOX_PORT: String(controlPort), ...KEYS, ...more },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  for (const key of Object.values(KEYS)) expect(output).not.toContain(key)
  const of = (name: string): string => new RegExp(`model ${name} +real +key is there +(.*)`).exec(output)?.[1] ?? ''
  return { code: child.exitCode, output, gpt: of('gpt'), claude: of('claude') }
}

it(
  'asks each configured model once for a token, and says in how many milliseconds it answered',
  { timeout },
  async () => {
    const { code, output, gpt, claude } = await check()
    expect(gpt).toMatch(/^ok +gpt-5-mini answers in \d+ ms$/)
    expect(claude).toMatch(/^ok +claude-sonnet-4-5 answers in \d+ ms$/)
    expect(output).toContain('Every service and model answers.')
    expect(code).toBe(0)
    const asked = [...sandbox.requests('llm', { bodies: true }), ...sandbox.requests('anthropic', { bodies: true })]
    expect(asked.map(({ body }) => /"max_(?:completion_)?tokens":1\b/.test(body ?? ''))).toEqual([true, true])
  },
)

it.each([
  [{ fault: 'error', status: 401 }, /^FAILED +refuses the key \(HTTP_401\)$/, 1],
  [{ fault: 'down' }, /^FAILED +cannot be reached \(CONNECTION_REFUSED\)$/, 1],
  [{ fault: 'hang' }, /^FAILED +does not answer in time/, 1],
  [{ fault: 'rate-limit' }, /^ok +gpt-5-mini answers in \d+ ms: its rate limit is reached$/, 0],
] as const)('meets %j with %s and the exit code %i', { timeout }, async (fault, says, exitCode) => {
  await sandbox.faults.set('llm', fault)
  const { code, gpt } = await check()
  expect(gpt).toMatch(says)
  expect(code).toBe(exitCode)
})

it('looks whether sources of sync have what is read, and says of each', { timeout }, async () => {
  const of = (output: string, name: string): string => new RegExp(`source ${name} +(.*)`).exec(output)?.[1] ?? output
  const well = await check('sync')
  expect(of(well.output, 'sheet')).toMatch(
    /^sandbox +GOOGLE_SHEETS_SPREADSHEET_ID is not set +ok +the sheet Clients has the columns that are read$/,
  )
  expect(of(well.output, 'crm')).toMatch(/^sandbox +HUBSPOT_ACCESS_TOKEN is not set +ok +lets its contacts be read/)
  expect(well.output).toContain('Every service and source answers.')
  expect(well.code).toBe(0)

  await sandbox.faults.set('hubspot', { fault: 'error', status: 401 })
  const range = encodeURIComponent("'Clients'!1:1")
  const header = `http://127.0.0.1:${controlPort + 3}/google-sheets/v4/spreadsheets/sandbox-clients/values/${range}`
  const headers = { authorization: 'Bearer sandbox', 'content-type': 'application/json' }
  const { values } = (await (await fetch(header, { headers })).json()) as { values: [string[]] }
  const write = (names: readonly string[]): Promise<Response> =>
    fetch(`${header}?valueInputOption=RAW`, { method: 'PUT', headers, body: JSON.stringify({ values: [names] }) })
  expect((await write(values[0].map((name) => (name === 'Company' ? 'Firm' : name)))).ok).toBe(true)
  const unwell = await check('sync')
  expect((await write(values[0])).ok).toBe(true)
  expect(of(unwell.output, 'crm')).toMatch(/FAILED +HTTP_401: HubSpot refused the access token/)
  expect(of(unwell.output, 'sheet')).toMatch(/FAILED +COLUMN_NOT_FOUND: .* sheet Clients does not have Company$/)
  expect(unwell.output).toMatch(/^4 of \d+ services and sources do not answer as they should\.$/m)
  expect(unwell.code).toBe(1)
})

it('looks whether tool servers of others take the calls of the desks, and says of each', { timeout }, async () => {
  const ours = (set: string) => ({
    command: process.execPath,
    args: ['--conditions=holdfast-source', COMMAND, 'mcp', set],
    variables: ['SANDBOX_PORT'],
  })
  const of = (output: string, name: string): string => new RegExp(`tools ${name} +(.*)`).exec(output)?.[1] ?? output
  const servers = { avinode: ours('avinode'), email: ours('email'), 'google-sheets': ours('google-sheets') }
  const well = await check('requests', { TEST_TOOL_SERVERS: JSON.stringify(servers) })
  for (const [name, calls] of [
    ['avinode', 3],
    ['email', 1],
    ['google-sheets', 1],
  ] as const) {
    const takes = new RegExp(
      `^real +key is there +ok +answers \\(\\d+ tools\\) and takes the ${calls} calls that desks make`,
    )
    expect(of(well.output, name)).toMatch(takes)
  }
  expect(well.code).toBe(0)
  // Those of one in the place of the other, and a program that says nothing at all.
  const silent = { command: process.execPath, args: ['-e', 'process.stdin.resume()'] }
  const wrong = { avinode: ours('email'), email: silent }
  const { code, output } = await check('requests', { TEST_TOOL_SERVERS: JSON.stringify(wrong) })
  expect(of(output, 'avinode')).toMatch(
    /FAILED +answers, but has no search_aircraft; has no request_quotes; has no read/,
  )
  expect(of(output, 'email')).toMatch(/FAILED +MCP_CONNECT_TIMEOUT: /)
  expect(output).toMatch(/2 of \d+ services and tool servers do not answer as they should\./)
  expect(code).toBe(1)
})
