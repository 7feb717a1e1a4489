import type { EncryptionKey } from '@holdfast/agents/webhooks'
import { readEncryptionKeys } from './encryption-keys.ts'
import type { VariableName, VariableReader } from './variables.ts'

/** The name of the accounts. */
export const ACCOUNT: RegExp = /^[A-Za-z0-9][\w.-]{0,59}$/
export const ACCOUNT_ALLOWED = 'a name of 1 to 60 letters, digits, ".", "_" and "-"'

/** Where things are kept, and where jobs wait, when that is not inside the process. */
export interface StorageAddresses {
  /** A PostgreSQL server; the embedded one where it is not set. */
  readonly databaseUrl: string | undefined
  /** A user of it who may change the schema. */
  readonly migrationUrl: string | undefined
  /** A Redis server for the jobs of a fleet; the database where it is not set. */
  readonly redisUrl: string | undefined
  /** What tells the accounts of this process apart from others of the same services that share the store. */
  readonly account: string | undefined
  /** What those who call `/hooks` authenticate by; without one only this machine may. */
  readonly hookToken: string | undefined
  /** What secrets are encrypted with in the store: the first one encrypts. */
  readonly encryptionKeys: readonly EncryptionKey[]
}

/** Reads the addresses of what keeps things. They may hold passwords: no message shows one. */
export function readStorage(reader: VariableReader): StorageAddresses {
  const databaseUrl = address(
    reader,
    'DATABASE_URL',
    /^postgres(?:ql)?:$/,
    'postgres://user:password@host:5432/database',
  )
  const migrationUrl = address(
    reader,
    'MIGRATION_DATABASE_URL',
    /^postgres(?:ql)?:$/,
    'postgres://owner:password@host:5432/database',
  )
  const redisUrl = address(reader, 'REDIS_URL', /^rediss?:$/, 'redis://host:6379')
  reader.needs('MIGRATION_DATABASE_URL', 'DATABASE_URL')
  // Workers of several processes on one queue need one store.
  reader.needs('REDIS_URL', 'DATABASE_URL')
  return {
    databaseUrl,
    migrationUrl,
    redisUrl,
    account: reader.matching('HOLDFAST_ACCOUNT', ACCOUNT, ACCOUNT_ALLOWED),
    hookToken: reader.secret('HOLDFAST_HOOK_TOKEN'),
    encryptionKeys: readEncryptionKeys(reader),
  }
}

function address(reader: VariableReader, name: VariableName, protocol: RegExp, example: string): string | undefined {
  const value = reader.text(name)
  if (value === undefined) return undefined
  if (URL.canParse(value) && protocol.test(new URL(value).protocol)) return value
  reader.problems.push(`${name}: allowed is an address such as ${example}; what came is not one, and not shown`)
  return undefined
}
