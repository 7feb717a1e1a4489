import type { EncryptionKey } from '@holdfast/agents/webhooks'
import type { VariableReader } from './variables.ts'

const ALLOWED =
  'HOLDFAST_ENCRYPTION_KEY: allowed is name:key or, while one is being changed, name:key,name:key, the first of which encrypts; a key is 32 bytes in base64 (`openssl rand -base64 32`)'

/** Reads what secrets are encrypted with in the store. */
export function readEncryptionKeys(reader: VariableReader): readonly EncryptionKey[] {
  const entries = (reader.text('HOLDFAST_ENCRYPTION_KEY') ?? '').split(',').filter((part) => part.trim() !== '')
  const keys = entries.map((entry) => {
    const [id = '', written = ''] = entry.split(/:(.*)/s).map((part) => part.trim())
    return { id, key: Buffer.from(written, 'base64') }
  })
  if (keys.some(({ id, key }) => !/^[\w-]{1,32}$/.test(id) || key.length !== 32))
    reader.problems.push(`${ALLOWED}; one entry has another form (not shown)`)
  else if (new Set(keys.map(({ id }) => id)).size < keys.length)
    reader.problems.push(`${ALLOWED}; two have the same name`)
  else if (keys.length > 10) reader.problems.push(`${ALLOWED}; at most 10`)
  return keys
}
