import type { Environment } from '../environment/environment.ts'
import { askAdmin } from './admin-client.ts'
import type { KeysOptions } from './arguments.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'

/** A key as the server shows it. */
interface ShownKey {
  readonly id: string
  readonly label: string
  readonly prefix: string
  readonly roles: readonly string[]
  readonly createdAt: string
  readonly expiresAt?: string
  readonly revokedAt?: string
}

/** What is shown at once; the server gives no more. */
const MOST_KEYS = 1_000

/** `holdfast keys create LABEL`, `keys list`, `keys revoke ID`. A new key goes to standard output alone, so that it can be piped to where it is needed. */
export async function runKeys(
  environment: Environment,
  [action, name = '']: readonly string[],
  { tenant = 'default', role = [], expires }: KeysOptions,
  output: Output,
): Promise<number> {
  if (action === 'create') {
    const expiresAt = expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }
    const asked = { tenant, label: name, roles: role, ...expiresAt }
    const { id, key } = (await askAdmin(environment, 'POST', '/admin/api-keys', asked)) as Record<'id' | 'key', string>
    output.err(`Key ${id} of ${tenant}. It is shown now and never again:\n`)
    output.out(`${key}\n`)
    return 0
  }
  if (action === 'revoke') {
    await askAdmin(environment, 'POST', `/admin/api-keys/${encodeURIComponent(name)}/revoke`, { tenant })
    output.out(`${name}: revoked\n`)
    return 0
  }
  const query = new URLSearchParams({ tenant, limit: String(MOST_KEYS) })
  const { keys } = (await askAdmin(environment, 'GET', `/admin/api-keys?${query}`)) as {
    readonly keys: readonly ShownKey[]
  }
  output.out(keys.length === 0 ? `${tenant} has no keys in the store.\n` : `${table(keys.map(rowOf))}\n`)
  if (keys.length === MOST_KEYS) output.out('  and perhaps more: GET /admin/api-keys?before=\n')
  return 0
}

function rowOf({ id, label, prefix, roles, createdAt, expiresAt, revokedAt }: ShownKey): string[] {
  const end = revokedAt === undefined ? (expiresAt === undefined ? '' : `until ${expiresAt}`) : `revoked ${revokedAt}`
  return [id, label, `${prefix}…`, roles.join(', ') || 'no roles', `made ${createdAt}`, end]
}
