import process from 'node:process'
import { makeToken } from '../access/secret.ts'
import type { HoldfastConfig } from '../config/options.ts'
import { SERVER_DEFAULTS } from '../config/options.ts'
import type { Environment } from '../environment/environment.ts'
import { SERVICE_SWITCHES, serviceTitle } from '../environment/services.ts'
import { describeFailure } from '../routes/failures.ts'
import type { RunningServer } from '../start/start-server.ts'
import { startServer } from '../start/start-server.ts'
import { createLog } from '../telemetry/log.ts'
import { createRedact } from '../telemetry/redact.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'

/** A second signal this soon after the first is the same one: npm passes on what the terminal has sent already. */
const SAME_SIGNAL_MS = 100
const ORPHAN_CHECK_MS = 250

/** `holdfast start`: serves until SIGTERM or SIGINT. Resolves with the exit code. */
export async function runStart(config: HoldfastConfig, environment: Environment, output: Output): Promise<number> {
  const adminToken = environment.adminToken ?? makeToken()
  const log = createLog({
    level: config.server?.logLevel ?? SERVER_DEFAULTS.logLevel,
    redact: createRedact([...environment.secrets, adminToken]),
    sink: process.stdout,
    pretty: process.stdout.isTTY,
  })
  // Whoever read the log may leave; the answers must not end with it.
  process.stdout.on('error', () => undefined)
  const stopAsked = firstSignal()
  process.on('unhandledRejection', (error) =>
    log.error(describeFailure(error), 'a promise was rejected and nobody cared'),
  )
  const crashed = new Promise<'crashed'>((resolve) => {
    process.on('uncaughtException', (error) => {
      log.error(describeFailure(error), 'an error was caught by nobody; the server stops')
      resolve('crashed')
    })
  })

  for (const warning of environment.warnings) output.err(`Warning: ${warning}\n`)
  const server = await startServer({ config, environment, adminToken, log })
  output.out(banner(server, config, environment))
  const why = await Promise.race([stopAsked, crashed, orphaned()])
  log.info({ why }, 'stopping: no new work, answers under way may finish')
  await server.stop()
  log.info({}, 'stopped')
  return why === 'crashed' ? 1 : 0
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined
    const heard = (signal: NodeJS.Signals): void => {
      first ??= performance.now()
      if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130)
      resolve(signal)
    }
    process.on('SIGTERM', heard)
    process.on('SIGINT', heard)
  })
}

/**
 * npm starts a script through a shell, and a signal that it is sent ends the shell alone: the server would stay behind
 * with its ports. It sees that its parent is another one now.
 */
function orphaned(): Promise<'orphaned'> {
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return
    const parent = process.ppid
    const timer = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(timer)
      resolve('orphaned')
    }, ORPHAN_CHECK_MS)
    timer.unref()
  })
}

function banner(server: RunningServer, config: HoldfastConfig, environment: Environment): string {
  const first = config.assistants[0]
  const example = first?.examples?.[0] ?? 'Hello'
  const services = environment.servicesInUse.map((name) => {
    const at = environment.services[name]
    const { protocol, host } = new URL(at.url)
    return at.sandbox
      ? [serviceTitle(name, at), 'SANDBOX', `set ${SERVICE_SWITCHES[name]} for the real one`]
      : [serviceTitle(name, at), 'real', `${protocol}//${host}`]
  })
  const models = Object.entries(config.models ?? {}).map(([name, { provider, model, baseUrl }]) => [
    `Model ${name}`,
    'real',
    baseUrl === undefined ? `${model} of ${provider}` : `${model} at ${new URL(baseUrl).origin}`,
  ])
  const body = JSON.stringify({ model: first?.name, messages: [{ role: 'user', content: example }] }).replaceAll(
    "'",
    "'\\''",
  )
  const allReal = server.sandboxUrl === undefined
  return `
Holdfast is running.

${table([
  ['Chat page', `${server.url}/`],
  ['API', `${server.url}/v1  (OpenAI's wire format)`],
  ['Health', `${server.url}/health`],
  ...(allReal ? [] : [['Sandbox', `${server.sandboxUrl}/`]]),
  ['Admin token', environment.adminToken === undefined ? server.adminToken : 'as HOLDFAST_ADMIN_TOKEN says'],
])}

${allReal ? 'Services' : 'RUNNING ON THE SANDBOX: what it answers is made up.'}

${table([...services, ...models])}

Try: open the chat page, ask, switch n8n off beside the conversation, and ask again. Or:

  curl ${server.url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '${body}'

`
}
