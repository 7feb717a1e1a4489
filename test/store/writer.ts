/* Commits rows as fast as it can, and says the number of each once it is committed, until it is killed. */
import { openStore } from '@holdfast/store/database'

const [directory, tenant, round] = process.argv.slice(2) as [string, string, string]
const store = await openStore({ directory })
for (let number = Number(round) * 1_000_000; ; number++) {
  await store.asWorker(tenant, async (transaction) => {
    await transaction
      .insertInto('leads')
      .values({ source: String(number) })
      .execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: 'leads', event: String(number) })
      .execute()
  })
  process.stdout.write(`${number}\n`)
}
