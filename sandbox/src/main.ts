import { fstatSync } from 'node:fs'
import { understand } from './brain/understanding.ts'
import { PortInUse, startSandbox, type Sandbox } from './sandbox.ts'

/** The first of the five ports, unless SANDBOX_PORT says otherwise. */
const DEFAULT_PORT = 4_700

/** Ends with 2 when it cannot start for a reason that the one who starts it can mend. */
const CANNOT_START = 2

function fail(message: string): never {
  process.stderr.write(`sandbox: ${message}\n`)
  process.exit(CANNOT_START)
}

function readPort(): number {
  const given = process.env['SANDBOX_PORT']
  if (given === undefined || given === '') return DEFAULT_PORT
  const port = Number(given)
  if (!Number.isInteger(port) || port < 0 || port > 65_531) {
    fail(`SANDBOX_PORT: must be a whole number from 0 to 65531, got ${JSON.stringify(given)}`)
  }
  return port
}

/** Started by another process, through a pipe or a channel: that one's end is ours. */
function endWithParent(end: () => void): void {
  if (process.channel !== undefined) process.once('disconnect', end)
  const stdin = fstatSync(0)
  if (stdin.isFIFO() || stdin.isSocket()) {
    process.stdin.once('end', end).once('close', end).once('error', end).resume()
  }
}

let sandbox: Sandbox
try {
  sandbox = await startSandbox({ controlPort: readPort() })
} catch (error) {
  if (error instanceof PortInUse) fail(error.message)
  throw error
}

let ending = false
const end = (): void => {
  if (ending) return
  ending = true
  void sandbox.close().finally(() => process.exit(0))
}
process.once('SIGTERM', end)
process.once('SIGINT', end)
endWithParent(end)

const services = Object.fromEntries(Object.entries(sandbox.services).map(([service, { url }]) => [service, url]))
const message = 'Holdfast sandbox: stand-ins with invented data, not the real world'
// Only when it has said so: the first question must not wait for the rules to be loaded, nor whoever started it for that.
process.stdout.write(
  `${JSON.stringify({ ready: true, sandbox: true, message, url: sandbox.url, services, pid: process.pid })}\n`,
  () => {
    const messages = [{ role: 'user', text: 'Teterboro to Miami on Friday for 4' }] as const
    void understand(messages, { now: new Date(), timeZone: 'UTC' }).catch(() => undefined)
  },
)
