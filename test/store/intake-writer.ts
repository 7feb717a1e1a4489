/**
 * Offers entries to an intake until it is killed, and prints what was acknowledged, each line when it was: `kept <key> <where> <id>`.
 * What it offers is told by the key alone.
 */
import { lost } from './away.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { createIntegration, HoldfastError } from '@holdfast/core'
import { seededRandom } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { createIntake } from '@holdfast/store/intake'
import { openJournal } from '@holdfast/store/journal'

const [place = '', journalDirectory = '', prefix = '', ...tenants] = process.argv.slice(2)
const isServer = place.startsWith('postgres:')
const random = seededRandom(Number(prefix))

const journal = await openJournal({ directory: journalDirectory, segmentBytes: 32_768, rememberedKeys: 50 })
const store = await openStore(
  isServer
    ? {
        integration: createIntegration({
          name: 'store',
          kind: 'database',
          deadlineMs: 2_000,
          attemptTimeoutMs: 1_000,
          // Its outages are as short as its life.
          breaker: { openMs: 40, maxOpenMs: 80, rampUpMs: 0, halfOpenSuccesses: 1 },
        }),
        url: place,
        migrate: false,
        maxConnections: 4,
        connectTimeoutMs: 500,
        timeoutMs: 1_000,
      }
    : { directory: place },
)

/** An embedded store is away when it is said to be; one on a server really is. */
async function flaky<T>(transact: () => Promise<T>): Promise<T> {
  const luck = isServer ? 1 : random()
  if (luck < 0.05) throw lost(false)
  const result = await transact()
  if (luck < 0.1) throw lost(true)
  return result
}

const withClaims: Store['withClaims'] = (...call) => flaky(() => store.withClaims(...call))
const asWorker: Store['asWorker'] = (...call) => flaky(() => store.asWorker(...call))
const intake = createIntake({
  store: { withClaims, asWorker },
  journal,
  storeTimeoutMs: 300,
  timeoutMs: 2_000,
  retryDelayMs: 5,
  maxRetryDelayMs: 20,
})
console.log('ready')

/** Each tenant's entries come one after the other. */
async function lane(tenant: string, number: number): Promise<never> {
  const author = number % 2 === 0 ? { tenant, user: `user-${number}` } : { tenant }
  for (let count = 0; ; count += 1) {
    await sleep(random() * 20)
    // The journal takes more in a moment than a busy machine brings over in a round: then nothing would go to the store any more.
    for (let pause = 0; pause < 10 && intake.status().waiting > 8; pause += 1) await sleep(10)
    const key = `${prefix}-${number}-${count}`
    const details = { key }
    const options = { idempotencyKey: key }
    const offer = (): ReturnType<typeof intake.accept> =>
      count % 3 === 0
        ? intake.accept('lead', author, { source: 'web', details }, options)
        : intake.accept('ticket', author, { number: key, message: 'é'.repeat(count * 7), details }, options)
    try {
      const { where, id } = await offer()
      console.log(`kept ${key} ${where} ${id}`)
      // A caller who has not heard.
      if (count % 4 === 0) await offer()
    } catch (error) {
      // No acknowledgement, no promise. What is no failure of ours is a mistake of this program.
      if (!HoldfastError.isInstance(error) || error.category === 'client' || error.category === 'validation')
        throw error
    }
  }
}

await Promise.all(tenants.map((tenant, number) => lane(tenant, number)))
