import { createHash } from 'node:crypto'
import { API_KEYS } from './initial/api-keys.ts'
import { BUSINESS } from './initial/business.ts'
import { CLAIMS } from './initial/claims.ts'
import { CONVERSATIONS } from './initial/conversations.ts'
import { OUTBOX } from './initial/outbox.ts'
import { PEOPLE } from './initial/people.ts'
import { POLICIES } from './initial/policies.ts'
import { ROLES } from './initial/roles.ts'
import { WORK } from './initial/work.ts'

/** One step forward. Once released it is never changed: what it got wrong, a later one sets right. */
export interface Migration {
  /** In their order; `0001-initial`. */
  readonly id: string
  readonly sql: string
  /** SHA-256 of the statements, in hexadecimal digits. */
  readonly checksum: string
}

export function migration(id: string, ...parts: readonly string[]): Migration {
  const sql = parts.join('\n')
  return Object.freeze({ id, sql, checksum: createHash('sha256').update(sql).digest('hex') })
}

/** All there are, oldest first. */
export const MIGRATIONS: readonly Migration[] = Object.freeze([
  migration('0001-initial', ROLES, CLAIMS, PEOPLE, CONVERSATIONS, BUSINESS, WORK, OUTBOX, POLICIES, API_KEYS),
])
