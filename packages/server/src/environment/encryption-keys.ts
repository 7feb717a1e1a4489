import type { EncryptionKey } from '@holdfast/agents/webhooks'
import type { VariableReader } from './variables.ts'

const ALLOWED =
  'HOLDFAST_ENCRYPTION_KEY: allowed is name:key or, while one is being changed, name:key,name:key, the first of which encrypts; a key is 32 bytes in base64 (`openssl rand -base64 32`)'

/** Reads what secrets are encrypted with in the store. */
export function readEncryptionKeys(reader: VariableReader): readonly EncryptionKey[] {
  const text = reader.text('HOLDFAST_ENCRYPTION_KEY')
  if (text === undefined) return []
  let isRight = true
  const keys = text.split(',').map((entry) => {
    const [id = '', written = ''] = entry.split(/:(.*)/s).map((part) => part.trim())
    const key = Buffer.from(written, 'base64')
    // What is no base64 is passed over in reading: of something else there would be a key too.
    isRight &&= /^[\w-]{1,32}$/.test(id) && key.length === 32 && key.toString('base64') === written
    return { id, key }
  })
  if (!isRight) reader.problems.push(`${ALLOWED}; one entry has another form (not shown)`)
  else if (new Set(keys.map(({ id }) => id)).size < keys.length)
    reader.problems.push(`${ALLOWED}; two have the same name`)
  else if (keys.length > 10) reader.problems.push(`${ALLOWED}; at most 10`)
  return keys
}
