/* Commits an event, and is killed before it tells anybody. */
import { redisSigns } from '@holdfast/agents/events/redis'
import { openStore } from '@holdfast/store/database'
import type { Signs } from '@holdfast/store/database'

const [url, redisUrl, tenant] = process.argv.slice(2) as [string, string, string]
const ready = Promise.withResolvers<void>()
const real = redisSigns({ url: redisUrl, onChange: (isReady) => isReady && ready.resolve() })
await ready.promise
const signs: Signs = {
  get isReady() {
    return real.isReady
  },
  send: () => process.kill(process.pid, 'SIGKILL'),
  listen: (listener) => real.listen(listener),
}
const store = await openStore({ url, signs })
await store.asWorker(tenant, (transaction) =>
  transaction.insertInto('outbox').values({ topic: 'a', event: 'of a writer who was killed' }).execute(),
)
process.stdout.write('still here\n')
