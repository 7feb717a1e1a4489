/* Makes a write, and says when it is under way and when it is noted; until it is killed. */
import { openStore, openWriteMemory } from '@holdfast/store/database'

const [where, tenant, key, url] = process.argv.slice(2) as [string, string, string, string]
const store = await openStore(where.startsWith('postgres:') ? { url: where } : { directory: where })
const memory = openWriteMemory({ store, tenant })
const result = await memory.once({ service: 'crm', key, input: 1 }, async () => {
  const reply = await fetch(url, { method: 'POST' })
  return reply.text()
})
process.stdout.write(result)
await memory.close()
await store.close()
