/**
 * Keeps a store busy until it is killed, and prints what it was promised, each line when it was: `kept <name>`. Each name stands in two tables,
 * written in one transaction.
 */
import { openStore } from '@holdfast/store/database'

const [directory = '', prefix = ''] = process.argv.slice(2)
const store = await openStore({ directory })
await store.asWorker('acme', (tx) =>
  tx
    .insertInto('tenants')
    .values({ id: 'acme', name: 'Acme' })
    .onConflict((conflict) => conflict.doNothing())
    .execute(),
)
console.log('ready')

async function write(lane: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const name = `${prefix}-${lane}-${count}`
    await store.withClaims({ tenant: 'acme', user: 'ann' }, async (tx) => {
      await tx.insertInto('clients').values({ name }).execute()
      await tx
        .insertInto('tickets')
        .values({ id: name, summary: 'é'.repeat(1 + (count % 1_000)) })
        .execute()
    })
    console.log(`kept ${name}`)
  }
}

await Promise.all(Array.from({ length: 4 }, (_, lane) => write(lane)))
