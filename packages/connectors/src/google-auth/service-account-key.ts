import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { invalidOption } from '../http/options.ts'

/** Of the JSON file that Google gives for a key, what is needed. */
export interface ServiceAccountKey {
  /** Address of the account: the issuer of its assertions. */
  readonly clientEmail: string
  /** PEM, PKCS #8 or PKCS #1, RSA. */
  readonly privateKey: string
  /** Which of the account's keys it is. Default: not said. */
  readonly privateKeyId?: string | undefined
  /** Where its tokens come from, as the file says it: https, or this machine. Default: not said. */
  readonly tokenUrl?: string | undefined
}

const file = z.looseObject({
  client_email: z.string().min(3),
  private_key: z.string().min(1),
  private_key_id: z.string().min(1).optional(),
  token_uri: z.string().optional(),
})

/**
 * Reads the key file of a service account: its JSON, or that in base64, which fits into an environment variable.
 * @throws HoldfastError `INVALID_OPTION`; nothing of the text stands in it.
 */
export function parseServiceAccountKey(text: string): ServiceAccountKey {
  const trimmed = text.trim()
  const json = trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw invalidOption('the service account key', 'must be the JSON of a key file, or that in base64')
  }
  const read = file.safeParse(value)
  if (!read.success) {
    throw invalidOption('the service account key', 'must have the fields client_email and private_key')
  }
  const { client_email: clientEmail, private_key: privateKey, private_key_id: privateKeyId } = read.data
  const { token_uri: tokenUrl } = read.data
  if (tokenUrl !== undefined && !isTokenUrl(tokenUrl)) {
    throw invalidOption(
      'token_uri of the service account key',
      'must be an https address without credentials or a query',
    )
  }
  privateKeyOf(privateKey)
  return {
    clientEmail,
    privateKey,
    ...(privateKeyId === undefined ? {} : { privateKeyId }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
  }
}

/** What is signed by the key goes there, so that it must be safe on its way. */
function isTokenUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(value)
  const isHere = ['localhost', '[::1]'].includes(hostname) || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && isHere)) && username + password + search + hash === ''
}

/** The key itself. @throws HoldfastError `INVALID_OPTION`, without the text: the parser's own error may quote it. */
export function privateKeyOf(pem: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey(pem)
  } catch {
    // Told below.
  }
  if (key?.asymmetricKeyType !== 'rsa') {
    throw invalidOption('the private key of the service account', 'must be an RSA key in PEM')
  }
  return key
}
