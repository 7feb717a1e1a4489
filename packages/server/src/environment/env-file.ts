import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Values } from './variables.ts'
import { EnvironmentError } from './variables.ts'

/**
 * The variables of `.env` in a directory, where there is one, under those of the process, which win.
 * @throws EnvironmentError for a line that is no setting: it would be passed over in silence otherwise.
 */
export function withEnvFile(directory: string, values: Values): Values {
  let text: string
  try {
    text = readFileSync(resolve(directory, '.env'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return values
    throw new EnvironmentError([`.env cannot be read: ${(error as Error).message}`])
  }
  const problems = strayLines(text).map((line) => `.env:${line}: allowed is NAME=value or a comment that begins with #`)
  if (problems.length > 0) throw new EnvironmentError(problems)
  return { ...parseEnv(text), ...values }
}

/** Lines that are neither a setting nor a comment nor blank, outside quoted values, which may span lines. */
function strayLines(text: string): number[] {
  const stray: number[] = []
  let openQuote: string | undefined
  text.split(/\r?\n/).forEach((line, index) => {
    if (openQuote !== undefined) {
      if (line.includes(openQuote)) openQuote = undefined
      return
    }
    if (/^\s*(?:#.*)?$/.test(line)) return
    const setting = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_.-]*\s*=\s*(.*)$/.exec(line)
    if (setting === null) {
      stray.push(index + 1)
      return
    }
    const value = setting[1] ?? ''
    const quote = /^["'`]/.exec(value)?.[0]
    if (quote !== undefined && !value.slice(1).includes(quote)) openQuote = quote
  })
  return stray
}
