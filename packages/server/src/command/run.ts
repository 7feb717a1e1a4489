import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { ConfigError } from '../config/check.ts'
import { CONFIG_FILE, loadConfig } from '../config/load.ts'
import { withEnvFile } from '../environment/env-file.ts'
import { readEnvironment } from '../environment/environment.ts'
import type { Environment } from '../environment/environment.ts'
import type { Values } from '../environment/variables.ts'
import { EnvironmentError } from '../environment/variables.ts'
import type { ToolSetName } from '../mcp/names.ts'
import { SandboxError } from '../sandbox/sandbox-process.ts'
import { ListenError, VERSION } from '../start/start-server.ts'
import { CommandError } from './admin-client.ts'
import { helpText, readArguments } from './arguments.ts'
import { runCheck } from './check.ts'
import { runKeys } from './keys.ts'
import type { Output } from './output.ts'
import { runReset } from './reset.ts'
import { runStart } from './start.ts'
import { runStatus } from './status.ts'
import type { StorePlace } from './store-place.ts'

/** Errors that a person can do something about; anything else keeps its stack. */
const EXPLAINED = [ConfigError, EnvironmentError, SandboxError, ListenError, CommandError]

/** Runs the `holdfast` command. Resolves with the exit code: 0, 1 when something is wrong, 2 for a mistake in the arguments. */
export async function run(args: readonly string[], directory: string, values: Values, output: Output): Promise<number> {
  const asked = readArguments(args)
  switch (asked.kind) {
    case 'help':
      output.out(helpText())
      return 0
    case 'version':
      output.out(`${VERSION}\n`)
      return 0
    case 'mistake':
      output.err(`${asked.message}\n\n${helpText()}`)
      return 2
    case 'run':
  }
  try {
    const all = withEnvFile(directory, values)
    switch (asked.command) {
      case 'start': {
        const config = await loadConfig(directory)
        return await runStart(config, readEnvironment(all, config), output)
      }
      case 'work': {
        const { runWork } = await import('./work.ts')
        const config = await loadConfig(directory)
        return await runWork(config, readEnvironment(all, config), output)
      }
      case 'check': {
        const config = await loadConfig(directory)
        return await runCheck(config, readEnvironment(all, config), output)
      }
      case 'status':
        return await runStatus(readEnvironment(all), output)
      case 'mcp': {
        const { runMcp } = await import('./mcp.ts')
        const environment = readEnvironment(all)
        const place = await placeOf(directory, environment)
        return await runMcp(asked.names[0] as ToolSetName, asked, place, environment, output)
      }
      case 'backup':
      case 'restore': {
        // Nothing else needs a database.
        const { runBackup, runRestore } = await import('./backup.ts')
        const place = await placeOf(directory, readEnvironment(all))
        return await (asked.command === 'backup' ? runBackup : runRestore)(place, asked.names[0] ?? '', output)
      }
      case 'keys':
        return await runKeys(readEnvironment(all), asked.names, asked.keys ?? {}, output)
      case 'reset':
        return await runReset(readEnvironment(all), asked.names[0], output)
    }
  } catch (error) {
    if (!EXPLAINED.some((kind) => error instanceof kind) && !HoldfastError.isInstance(error)) throw error
    output.err(`${(error as Error).message}\n`)
    return 1
  }
}

/** Where the store is. A machine that only keeps backups, or serves tools, has no configuration. */
async function placeOf(directory: string, { storage: addresses }: Environment): Promise<StorePlace> {
  const hasConfig = existsSync(join(directory, CONFIG_FILE))
  return { directory, storage: hasConfig ? (await loadConfig(directory)).storage : undefined, addresses }
}
