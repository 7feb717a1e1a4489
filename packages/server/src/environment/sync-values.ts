import { parseServiceAccountKey } from '@holdfast/connectors/google-sheets'
import { HoldfastError } from '@holdfast/core'
import type { HoldfastConfig } from '../config/options.ts'
import { SERVICE_SWITCHES } from './services.ts'
import type { Services } from './services.ts'
import type { Values, VariableReader } from './variables.ts'

/** Keys and tokens of the accounts that `sync` reads beside those of the services, by the names of the variables. Each is a secret. */
export type SyncValues = Readonly<Record<string, string>>

/** What was read, and what must not be shown of it: of a key file its private key as well. */
export interface ReadSyncValues {
  readonly values: SyncValues
  readonly secrets: readonly string[]
}

/** Reads the variables that the sources of the configuration name. What the sandbox has made up is not brought together with what is real. */
export function readSyncValues(
  values: Values,
  reader: VariableReader,
  { sync }: Pick<HoldfastConfig, 'sync'>,
  services: Services,
): ReadSyncValues {
  const found: Record<string, string> = {}
  const secrets: string[] = []
  const onSandbox: string[] = []
  const real: string[] = []
  for (const [name, source] of Object.entries(sync?.sources ?? {})) {
    if (source.from === 'store') continue
    const variable = source.from === 'hubspot' ? source.tokenVariable : source.keyVariable
    if (variable === undefined) {
      const isMadeUp = services[source.from].sandbox
      ;(isMadeUp ? onSandbox : real).push(name)
      if (isMadeUp && source.from === 'google-sheets' && source.spreadsheetId !== undefined)
        reader.problems.push(
          `GOOGLE_SHEETS_SPREADSHEET_ID: the source ${name} names a spreadsheet, so that or its own keyVariable is needed`,
        )
      continue
    }
    real.push(name)
    const value = values[variable]?.trim() ?? ''
    if (value === '') {
      reader.problems.push(`${variable}: the configuration reads the source ${name} by it, but it is not set`)
    } else if (source.from === 'hubspot') {
      if (/^[\x21-\x7e]+$/.test(value)) found[variable] = value
      else reader.problems.push(`${variable}: allowed is a token without spaces, in ASCII; what came is not shown`)
    } else {
      const keys = readKey(variable, value, reader)
      if (keys !== undefined) found[variable] = value
      secrets.push(...(keys ?? []))
    }
  }
  if (real.length > 0 && onSandbox.length > 0) {
    const switches = new Set(
      onSandbox.map((name) => SERVICE_SWITCHES[sync!.sources[name]!.from as 'hubspot' | 'google-sheets']),
    )
    reader.problems.push(
      `${[...switches].join(', ')}: not set, so that the sources ${onSandbox.join(', ')} are on the sandbox, whose clients are made up, while ${real.join(', ')} would be real: set up all of them, or none`,
    )
  }
  return { values: found, secrets: [...secrets, ...Object.values(found)] }
}

function readKey(variable: string, text: string, reader: VariableReader): readonly string[] | undefined {
  try {
    const { privateKey } = parseServiceAccountKey(text)
    return [privateKey, ...privateKey.split('\n').filter((line) => /^[\w+/=]{40,}$/.test(line))]
  } catch (error) {
    const why = HoldfastError.isInstance(error) ? error.message : 'cannot be read'
    reader.problems.push(`${variable}: ${why}; what came is not shown`)
    return undefined
  }
}
