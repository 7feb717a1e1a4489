import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkConfig, ConfigError } from './check.ts'
import type { HoldfastConfig } from './options.ts'

/** The name of the configuration's file. */
export const CONFIG_FILE = 'holdfast.config.ts'

/**
 * Reads and checks `holdfast.config.ts` of a directory.
 * @throws ConfigError when there is none, when it does not run, or when it is not right.
 */
export async function loadConfig(directory: string): Promise<HoldfastConfig> {
  const path = resolve(directory, CONFIG_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    throw new ConfigError(CONFIG_FILE, [
      { path: '', line: undefined, message: `there is no such file in ${directory}` },
    ])
  }
  let exported: unknown
  try {
    exported = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    throw new ConfigError(CONFIG_FILE, [
      { path: '', line: lineInStack(error, path), message: `it does not run: ${describe(error)}` },
    ])
  }
  return checkConfig(exported, { file: CONFIG_FILE, text })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The first line of the file itself that the stack names. */
function lineInStack(error: unknown, path: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const found = stack.split(path)[1]?.match(/^:(\d+)/)
  return found?.[1] === undefined ? undefined : Number(found[1])
}
