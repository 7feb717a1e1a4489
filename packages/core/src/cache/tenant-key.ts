import { aString, check } from '../validation/validate.ts'

const AT = 0x40

/**
 * A key that no other tenant can have. Without a tenant it is the key itself; a key that looks like one with a tenant is marked,
 * so that nobody gets at a tenant's entries by choosing a key.
 * @throws HoldfastError `INVALID_OPTION` when one of them is no string: the lengths that keep tenants apart are those of strings.
 */
export function tenantKey(key: string, tenant: string | undefined): string {
  check('call.key', key, aString)
  if (tenant === undefined) return key.charCodeAt(0) === AT ? `@${key}` : key
  check('call.tenant', tenant, aString)
  return `@${tenant.length}@${tenant}${key}`
}
