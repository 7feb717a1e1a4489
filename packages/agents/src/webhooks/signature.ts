import { createHash, createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'
const BYTES = 32

/** A new secret, as [Standard Webhooks](https://www.standardwebhooks.com) writes it. */
export function newSecret(): string {
  return `${PREFIX}${randomBytes(BYTES).toString('base64')}`
}

/** Whether a text is a secret of 24 to 64 bytes, in that form. */
export function isSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false
  const written = text.slice(PREFIX.length)
  const key = Buffer.from(written, 'base64')
  return key.length >= 24 && key.length <= 64 && key.toString('base64') === written
}

/** What a message is known by, however often it is sent. Nobody can read from it whose event it is. */
export function messageId(tenant: string, webhook: string, topic: string, seq: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, webhook, topic, seq]))
    .digest('base64url')
  return `msg_${digest.slice(0, 32)}`
}

/** The headers of one attempt. @param secrets each of them signs. @param seconds since the epoch. */
export function signedHeaders(
  id: string,
  seconds: number,
  body: string,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') }
}
