import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { webhookError } from './failures.ts'

/** What secrets are encrypted with while they are in the store. */
export interface EncryptionKey {
  /** Stands in the store beside what it has encrypted. 1 to 32 letters, digits, `-` and `_`. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** Whose secret it is: what is put into the place of another cannot be opened there. */
export interface SecretPlace {
  readonly tenant: string
  readonly webhook: string
  readonly id: string
}

/** Secrets as they are in the store. */
export interface Sealing {
  /** As the first key keeps it; as it is where there is no key. */
  seal(secret: string, place: SecretPlace): string
  /** @throws HoldfastError `SECRET_UNREADABLE` */
  open(kept: string, place: SecretPlace): string
  /** Whether it is kept as {@link seal} would keep it. */
  isCurrent(kept: string): boolean
}

const SEALED = /^sealed:([\w-]{1,32}):([\w-]+)$/
const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAX_KEYS = 10

/**
 * AES-256-GCM with a random nonce of 96 bits ([NIST SP 800-38D](https://csrc.nist.gov/pubs/sp/800/38/d/final), 8.2.2): `sealed:KEY:` and, in base64url, nonce, ciphertext and tag.
 * The first key encrypts, each of them opens. @throws HoldfastError `INVALID_OPTION`, which shows no key
 */
export function createSealing(keys: readonly EncryptionKey[] = []): Sealing {
  const known = new Map<string, Uint8Array>()
  for (const { id, key } of checkedKeys(keys)) known.set(id, key)
  const [first] = keys
  return {
    isCurrent: (kept) => (first === undefined ? !isSealed(kept) : kept.startsWith(`sealed:${first.id}:`)),
    seal(secret, place) {
      if (first === undefined) return secret
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, first.key, nonce).setAAD(bytesOf(place))
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `sealed:${first.id}:${sealed.toString('base64url')}`
    },
    open(kept, place) {
      if (!isSealed(kept)) return kept
      const [, id = '', written = ''] = SEALED.exec(kept) ?? []
      const key = known.get(id)
      if (key === undefined) throw unreadable(id === '' ? 'it was changed' : `no key ${id} is given`)
      const bytes = Buffer.from(written, 'base64url')
      const ends = bytes.length - TAG_BYTES
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        decipher.setAAD(bytesOf(place)).setAuthTag(bytes.subarray(ends))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, ends)), decipher.final()]).toString()
      } catch {
        throw unreadable(`the key ${id} is another one, or it was changed`)
      }
    },
  }
}

function isSealed(kept: string): boolean {
  return kept.startsWith('sealed:')
}

function bytesOf({ tenant, webhook, id }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([tenant, webhook, id]))
}

function checkedKeys(keys: readonly EncryptionKey[]): readonly EncryptionKey[] {
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw refused(`must be a list of at most ${MAX_KEYS}`)
  for (const [place, given] of (keys as readonly (EncryptionKey | null)[]).entries()) {
    const { id, key } = given ?? {}
    if (typeof id !== 'string' || !/^[\w-]{1,32}$/.test(id))
      throw refused(`.${place}.id must be 1 to 32 letters, digits, "-" and "_"`)
    if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES)
      throw refused(`.${place}.key must be ${KEY_BYTES} bytes`)
    if (keys.findIndex((other) => other?.id === id) < place)
      throw refused(`.${place}.id must be another than those before`)
  }
  return keys
}

function refused(problem: string): Error {
  return webhookError(
    'INVALID_OPTION',
    'validation',
    `webhooks.encryptionKeys${problem.startsWith('.') ? '' : ' '}${problem}`,
  )
}

function unreadable(why: string): Error {
  return webhookError('SECRET_UNREADABLE', 'client', `A secret in the store cannot be read: ${why}`)
}
