import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** The root of the repository, without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

export interface Ended {
  readonly ok: boolean
  /** Standard output and standard error, as they came. */
  readonly output: string
}

export interface CommandOptions {
  /** Default: the root of the repository. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** It and its children are killed after this long. Default: 300,000. */
  readonly limitMs?: number
}

/** Runs a program of the tool chain (or any other) to its end. Never rejects: what cannot be started has failed. */
export function command(name: string, args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { cwd = ROOT, env = {}, limitMs = 300_000 } = options
  return new Promise((resolve) => {
    // A process group of its own, so that a test's servers end with it.
    const child = spawn(name, args, { cwd, env: { ...environment(), ...env }, stdio: 'pipe', detached: true })
    child.stdin.end()
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    const kill = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
    }
    const timer = setTimeout(() => {
      output += `\nkilled after ${limitMs / 1000} s\n`
      kill()
    }, limitMs)
    const interrupted = (): void => {
      kill()
      process.exit(130)
    }
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
    const end = (ok: boolean): void => {
      clearTimeout(timer)
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
      kill()
      // Some tools colour their output in CI whatever they are told.
      resolve({ ok, output: stripVTControlCharacters(output) })
    }
    child.once('error', (error) => {
      output += `${name}: ${error.message}\n`
      end(false)
    })
    child.once('close', (code) => end(code === 0))
  })
}

/** Runs commands one after the other until one fails. */
export async function commands(...steps: readonly (() => Promise<Ended>)[]): Promise<Ended> {
  let output = ''
  for (const step of steps) {
    const ended = await step()
    output += ended.output
    if (!ended.ok) return { ok: false, output }
  }
  return { ok: true, output }
}

/** Runs commands one after the other, also when one fails, and says what each that failed had to say. */
export async function allOf(steps: readonly (() => Promise<Ended>)[]): Promise<Ended> {
  let output = ''
  for (const step of steps) {
    const ended = await step()
    if (!ended.ok) output += ended.output
  }
  return { ok: output === '', output }
}

/** Without colours, and without keys of the machine that would turn a test into a call to the real world. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(N8N|OPENAI|APOLLO|AVINODE|HOLDFAST)_|^(PORT|HOST|SANDBOX_PORT|FORCE_COLOR|DATABASE_URL|MIGRATION_DATABASE_URL)$/.test(
        name,
      ),
  )
  const path = `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`
  return { ...Object.fromEntries(kept), PATH: path, NO_COLOR: '1' }
}
