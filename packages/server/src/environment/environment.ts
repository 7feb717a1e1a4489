import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { sharedAccounts } from '../config/check-tool-servers.ts'
import { nearestName } from '../config/suggest.ts'
import type { HoldfastConfig } from '../config/options.ts'
import { budgetNameProblems } from './budget-names.ts'
import type { ModelKeys } from './model-keys.ts'
import { readModelKeys } from './model-keys.ts'
import type { OnCallAddress } from './on-call.ts'
import { readOnCall } from './on-call.ts'
import type { ServiceName, Services } from './services.ts'
import { readServices, servicesInUse } from './services.ts'
import { readStorage } from './storage.ts'
import type { StorageAddresses } from './storage.ts'
import type { SyncValues } from './sync-values.ts'
import { readSyncValues } from './sync-values.ts'
import type { ToolServerValues } from './tool-server-values.ts'
import { readToolServerValues } from './tool-server-values.ts'
import type { Values } from './variables.ts'
import { EnvironmentError, SAFE_LENGTH, tooShort, VariableReader, VARIABLES } from './variables.ts'

/** Keys and addresses, read from the environment. */
export interface Environment {
  readonly host: string
  readonly port: number
  /** Whether only this machine can reach the server. */
  readonly loopback: boolean
  readonly sandboxPort: number
  /** Where the commands that talk to a running server find it. */
  readonly serverUrl: string
  readonly adminToken: string | undefined
  /** API keys, each with its tenant. */
  readonly apiKeys: readonly ApiKey[]
  readonly services: Services
  /** Those that are needed. */
  readonly servicesInUse: readonly ServiceName[]
  /** Keys of the configured language models, by the model's name. */
  readonly modelKeys: ModelKeys
  /** What the configured tool servers are given, by the names of the variables. */
  readonly toolServerValues: ToolServerValues
  /** Keys of the accounts that only `sync` reads, by the names of the variables. */
  readonly syncValues: SyncValues
  /** Where tickets of emergencies are posted to; undefined when nobody is told. */
  readonly onCall: OnCallAddress | undefined
  readonly storage: StorageAddresses
  /** Every value that must never be shown. */
  readonly secrets: readonly string[]
  /** What looks like a mistake but stops nothing. */
  readonly warnings: readonly string[]
}

/** A key and whose it is. */
export interface ApiKey {
  readonly tenant: string
  /** What budgets know it by: the name of its variable, or which of its tenant's keys it is (`acme.1`). 1 to 32 of `a-z`, `0-9`, `.`, `_`, `-`. */
  readonly label: string
  readonly key: string
}

/** What of the configuration decides which variables are needed. */
type ServedConfig = Pick<HoldfastConfig, 'tenants' | 'emergency' | 'models' | 'budgets' | 'toolServers' | 'sync'> &
  Partial<Pick<HoldfastConfig, 'assistants' | 'desks'>>

/**
 * Reads the environment, with the tenants of the configuration; without one for a command that serves nothing itself, and
 * so needs no API keys.
 * @throws EnvironmentError with every problem there is.
 */
export function readEnvironment(values: Values, config?: ServedConfig): Environment {
  const reader = new VariableReader(values)
  const host = reader.matching('HOST', /^[A-Za-z0-9.:-]+$/, 'a host name or an IP address') ?? '127.0.0.1'
  const port = reader.port('PORT', 4600, 0, 65_535)
  const sandboxPort = reader.port('SANDBOX_PORT', 4700, 1, 65_531)
  const adminToken = reader.secret('HOLDFAST_ADMIN_TOKEN')
  if (adminToken !== undefined && adminToken.length < SAFE_LENGTH) {
    reader.problems.push(tooShort('HOLDFAST_ADMIN_TOKEN'))
  }
  const apiKeys = readApiKeys(values, reader, config ?? {})
  const onCall = readOnCall(reader)
  const { services, secrets } = readServices(reader, sandboxPort, onCall)
  const modelKeys = readModelKeys(values, reader, config ?? {})
  const toolServerValues = readToolServerValues(values, reader, config ?? {})
  const syncRead = readSyncValues(values, reader, config ?? {}, services)
  const storage = readStorage(reader)
  const loopback = isLoopback(host)

  const serverUrl = reader.url('HOLDFAST_URL')
  reader.problems.push(...budgetNameProblems(config ?? {}, apiKeys))

  if (config !== undefined && !loopback && apiKeys.length === 0) {
    reader.problems.push(
      `HOST is ${host}, which other machines can reach: API keys are needed then. Set HOLDFAST_API_KEYS=tenant:key, or name the variables of the keys in \`tenants\` of the configuration.`,
    )
  }
  if (reader.problems.length > 0) throw new EnvironmentError(reader.problems)
  return {
    host,
    port,
    loopback,
    sandboxPort,
    serverUrl: serverUrl ?? httpUrl(loopback ? host : '127.0.0.1', port),
    adminToken,
    apiKeys,
    services,
    servicesInUse: servicesInUse(config ?? {}, services),
    modelKeys,
    toolServerValues,
    syncValues: syncRead.values,
    onCall,
    storage,
    secrets: secretsOf(values, [
      ...apiKeys.map(({ key }) => key),
      ...Object.values(modelKeys),
      ...Object.values(toolServerValues),
      ...syncRead.secrets,
      ...storage.encryptionKeys.map(({ key }) => Buffer.from(key).toString('base64')),
      ...secrets,
    ]),
    warnings: [
      ...reader.warnings,
      ...misspelt(values),
      ...weak(apiKeys),
      ...unheard(config, onCall),
      ...uncounted(config),
      ...sharedAccounts(config ?? {}, storage.account),
    ],
  }
}

/** `http://[::1]:4600` and the like. */
export function httpUrl(host: string, port: number): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** Whether an address is one that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function readApiKeys(values: Values, reader: VariableReader, config: Pick<HoldfastConfig, 'tenants'>): ApiKey[] {
  const tenants = config.tenants && new Set(['default', ...Object.keys(config.tenants)])
  const keys: ApiKey[] = []
  const add = (variable: string, tenant: string, key: string): void => {
    if (tenants !== undefined && !tenants.has(tenant)) {
      const known = [...tenants].join(', ')
      reader.problems.push(
        `${variable}: there is no tenant ${JSON.stringify(tenant)}; in the configuration are ${known}`,
      )
    } else if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(tenant)) {
      reader.problems.push(
        `${variable}: allowed as a tenant are lower-case letters, digits and hyphens; got ${JSON.stringify(tenant)}`,
      )
    } else if (!/^[\x21-\x7e]+$/.test(key)) {
      reader.problems.push(`${variable}: allowed is a key without spaces, in ASCII; the one of ${tenant} is not shown`)
    } else if (keys.some((other) => other.key === key && other.tenant !== tenant)) {
      reader.problems.push(`${variable}: the key of ${tenant} belongs to another tenant too`)
    } else {
      keys.push({ tenant, label: labelOf(variable, tenant, keys), key })
    }
  }
  for (const entry of (reader.text('HOLDFAST_API_KEYS') ?? '').split(',').filter((part) => part.trim() !== '')) {
    const [tenant, key] = entry.split(/:(.*)/s).map((part) => part.trim())
    if (!tenant || !key) {
      reader.problems.push(
        'HOLDFAST_API_KEYS: allowed is tenant:key,tenant:key; one entry has another form (not shown)',
      )
    } else {
      add('HOLDFAST_API_KEYS', tenant, key)
    }
  }
  for (const [tenant, options] of Object.entries(config.tenants ?? {})) {
    for (const variable of options.apiKeyVariables ?? []) {
      const key = values[variable]?.trim()
      if (key) add(variable, tenant, key)
      else
        reader.problems.push(
          `${variable}: the configuration says that it holds a key of the tenant ${tenant}, but it is not set`,
        )
    }
  }
  return keys
}

function labelOf(variable: string, tenant: string, others: readonly ApiKey[]): string {
  const place = others.filter((other) => other.tenant === tenant).length + 1
  const name = variable === 'HOLDFAST_API_KEYS' ? `${tenant}.${place}` : variable.toLowerCase()
  // Budgets take what begins so for a key.
  if (name.length <= 32 && !/^sk[-_]/.test(name)) return name
  return `key-${name.slice(0, 15)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
}

function secretsOf(values: Values, keys: readonly string[]): string[] {
  const named = Object.entries(VARIABLES).flatMap(([name, variable]) =>
    variable.secret === true ? [values[name]?.trim()] : [],
  )
  const all = [...named, ...keys]
  return [...new Set(all.filter((secret): secret is string => secret !== undefined && secret.length >= 6))]
}

/** Variables with our prefix that nobody reads are misspelt, most likely. */
function misspelt(values: Values): string[] {
  const known = Object.keys(VARIABLES)
  return Object.keys(values)
    .filter((name) => name.startsWith('HOLDFAST_') && !known.includes(name))
    .map((name) => {
      const near = nearestName(name, known)
      return `${name} is set, but nothing reads it${near === undefined ? '' : `; did you mean ${near}?`}`
    })
}

function unheard(config: ServedConfig | undefined, onCall: OnCallAddress | undefined): string[] {
  if (config?.emergency === undefined || onCall !== undefined) return []
  return ['ONCALL_WEBHOOK_URL is not set: tickets of emergencies are kept on disk, and nobody is told of them']
}

function uncounted(config: ServedConfig | undefined): string[] {
  if (config?.budgets === undefined || !servicesInUse(config).includes('llm')) return []
  return [
    'budgets count what `models` cost; an assistant also asks the language model of OPENAI_API_KEY, which is not counted',
  ]
}

function weak(apiKeys: readonly ApiKey[]): string[] {
  return apiKeys
    .filter(({ key }) => key.length < SAFE_LENGTH)
    .map(
      ({ tenant }) => `an API key of the tenant ${tenant} is shorter than ${SAFE_LENGTH} characters and may be guessed`,
    )
}
