import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The protocol's own suite, as far as it asks for what we have: tools. Resources, prompts, sampling and OAuth are not ours. */
const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'))
const fixture = (name: string): string => fileURLToPath(new URL(`fixture/mcp/${name}`, import.meta.url))

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'INFO' | 'WARNING' | 'FAILURE'
}

/** Runs one scenario. @returns the checks that say more than what happened. */
async function run(args: readonly string[]): Promise<Check[]> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const suite = spawn(process.execPath, [SUITE, ...args, '-o', directory])
    let output = ''
    for (const stream of [suite.stdout, suite.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
    await once(suite, 'close')
    const [, saved = ''] = /^Results saved to (.+)$/m.exec(output) ?? []
    if (saved === '') throw new Error(output)
    const checks = JSON.parse(await readFile(join(saved, 'checks.json'), 'utf8')) as Check[]
    return checks.filter(({ status }) => status !== 'INFO')
  } finally {
    await rm(directory, { recursive: true })
  }
}

describe('the registry passes the scenario for clients', () => {
  it.each(['initialize', 'tools_call', 'sse-retry'])('%s', async (scenario) => {
    // It is run in a shell.
    const command = [process.execPath, '--conditions=holdfast-source', fixture('client.ts')].join(' ')
    const checks = await run(['client', '--command', command, '--scenario', scenario])
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['SUCCESS']))
  })
})

describe('our server passes the scenario for servers', () => {
  let server: ChildProcess
  let url = ''

  beforeAll(async () => {
    server = spawn(process.execPath, ['--conditions=holdfast-source', fixture('server.ts')], {
      cwd: dirname(fixture('server.ts')),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    url = String(line).trim()
  })

  afterAll(() => server.kill('SIGKILL'))

  it.each([
    'server-initialize',
    'ping',
    'tools-list',
    'tools-call-simple-text',
    'tools-call-error',
    'tools-call-with-progress',
    'dns-rebinding-protection',
  ])('%s', async (scenario) => {
    const checks = await run(['server', '--url', url, '--scenario', scenario])
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['SUCCESS']))
  })
})
