import type { HoldfastConfig } from '../config/options.ts'
import type { Values, VariableReader } from './variables.ts'

/** The keys of the configured language models, by the model's name. */
export type ModelKeys = Readonly<Record<string, string>>

/** Reads the variables that the configuration names; a key that is not there would show only in the first question. */
export function readModelKeys(
  values: Values,
  reader: VariableReader,
  { models = {} }: Pick<HoldfastConfig, 'models'>,
): ModelKeys {
  const keys: Record<string, string> = {}
  for (const [name, { apiKeyVariable: variable }] of Object.entries(models)) {
    if (variable === undefined) continue
    const key = values[variable]?.trim() ?? ''
    if (/^[\x21-\x7e]+$/.test(key)) keys[name] = key
    else if (key !== '')
      reader.problems.push(`${variable}: allowed is a key without spaces, in ASCII; what came is not shown`)
    else
      reader.problems.push(
        `${variable}: the configuration says that it holds the key of the model ${name}, but it is not set`,
      )
  }
  return keys
}
