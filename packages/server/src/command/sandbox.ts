import type { Environment } from '../environment/environment.ts'
import type { SandboxProcess } from '../sandbox/sandbox-process.ts'
import { startSandboxProcess } from '../sandbox/sandbox-process.ts'
import { createLog } from '../telemetry/log.ts'

/** A sandbox for a command: the one that runs already, or one that is started for it, which is to be stopped. */
export async function sandboxFor(
  what: string,
  { sandboxPort }: Pick<Environment, 'sandboxPort'>,
  say: (text: string) => void,
): Promise<SandboxProcess | undefined> {
  const answers = await fetch(`http://127.0.0.1:${sandboxPort}/health`, {
    signal: AbortSignal.timeout(1_000),
  }).catch(() => undefined)
  if (answers?.headers.has('x-holdfast-sandbox') === true) {
    say(`The sandbox runs on port ${sandboxPort}.\n\n`)
    return undefined
  }
  say(`No sandbox runs; one is started for ${what}.\n\n`)
  const log = createLog({ level: 'silent', redact: (text) => text, sink: { write: () => undefined }, pretty: false })
  return startSandboxProcess({ port: sandboxPort, log })
}
