import { createIntegration } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { listDeliveries } from './deliveries.ts'
import { startDispatcher } from './dispatcher.ts'
import type { Dispatcher } from './dispatcher.ts'
import { webhookError } from './failures.ts'
import { between, checkWebhook, settingsOf } from './options.ts'
import type { WebhookSettings, WebhooksOptions } from './options.ts'
import { createSealing } from './sealing.ts'
import { isSecret, newSecret } from './signature.ts'
import {
  addSecret,
  insertWebhook,
  listWebhooks,
  mustExist,
  redriveWebhook,
  removeWebhook,
  sealSecrets,
} from './subscriptions.ts'
import { checkUrl } from './target.ts'
import type { Webhooks } from './webhooks.ts'

const OVERLAP_MS = 86_400_000
const MAX_OVERLAP_MS = 2_592_000_000
const DRAIN_MS = 5_000
const DELIVERIES = 100
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/

/**
 * Makes webhooks over a store: who outside is told of its events. Nothing is sent before `start`.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const settings = settingsOf(options)
  const { store } = options
  const sealing = createSealing(options.encryptionKeys)
  const integration = options.integration ?? guardOf(options, settings)
  let sending: Promise<{ dispatcher: Dispatcher; stopListening: () => Promise<void> }> | undefined
  let isClosed = false

  async function begin(): Promise<{ dispatcher: Dispatcher; stopListening: () => Promise<void> }> {
    const dispatcher = startDispatcher(options, settings, sealing, integration)
    try {
      const stopListening = await store.onEvents((topic) => dispatcher.wake(topic?.tenant))
      return { dispatcher, stopListening }
    } catch {
      // It looks for itself as well.
      return { dispatcher, stopListening: () => Promise.resolve() }
    }
  }

  return {
    async add(tenant, webhook) {
      const { url, events, label, secret = newSecret() } = checkWebhook(webhook)
      const { href } = checkUrl(url, settings)
      checkSecret(secret)
      const made = { url: href, events, label }
      const id = await store.asWorker(tenant, (transaction) =>
        insertWebhook(transaction, made, { tenant, secret, sealing }, settings.maxWebhooks),
      )
      return { id, secret }
    },
    list: (tenant) => store.asWorker(tenant, listWebhooks),
    async deliveries(tenant, id, { limit = DELIVERIES } = {}) {
      between('limit', limit, 1, 1_000)
      checkId(id)
      return store.asWorker(tenant, async (transaction) => {
        await mustExist(transaction, id)
        return listDeliveries(transaction, id, limit)
      })
    },
    async remove(tenant, id) {
      return UUID.test(id) && (await store.asWorker(tenant, (transaction) => removeWebhook(transaction, id)))
    },
    async rotateSecret(tenant, id, { secret = newSecret(), overlapMs = OVERLAP_MS } = {}) {
      between('overlapMs', overlapMs, 0, MAX_OVERLAP_MS)
      checkSecret(secret)
      checkId(id)
      await store.asWorker(tenant, (transaction) => addSecret(transaction, id, { tenant, secret, sealing }, overlapMs))
      return secret
    },
    sealSecrets: (tenant) => store.asWorker(tenant, (transaction) => sealSecrets(transaction, tenant, sealing)),
    async redrive(tenant, id) {
      checkId(id)
      const owed = await store.asWorker(tenant, (transaction) => redriveWebhook(transaction, id))
      void sending?.then(({ dispatcher }) => dispatcher.wake(tenant))
      return owed
    },
    async start() {
      if (isClosed) throw webhookError('WEBHOOKS_CLOSED', 'rejected', 'These webhooks are closed')
      sending ??= begin()
      await sending
    },
    health: () => integration.snapshot(),
    async close({ drainMs = DRAIN_MS } = {}) {
      between('drainMs', drainMs, 0, 600_000)
      isClosed = true
      if (sending === undefined) return
      const { dispatcher, stopListening } = await sending
      await Promise.all([stopListening(), dispatcher.stop(drainMs)])
    },
  }
}

/** A receiver that fails says nothing of the others, so there is nothing here that one of them could use up. */
function guardOf({ clock, coreEvents }: WebhooksOptions, { attemptTimeoutMs }: WebhookSettings): Integration {
  return createIntegration({
    name: 'webhooks',
    kind: 'webhook',
    attemptTimeoutMs,
    deadlineMs: attemptTimeoutMs,
    retry: false,
    breaker: false,
    goodputLimit: false,
    ...(clock === undefined ? {} : { clock }),
    ...(coreEvents === undefined ? {} : { events: coreEvents }),
  })
}

function checkSecret(secret: string): void {
  if (typeof secret !== 'string' || !isSecret(secret))
    throw webhookError('INVALID_WEBHOOK', 'validation', 'secret: must be whsec_ and 24 to 64 bytes in base64')
}

function checkId(id: string): void {
  if (!UUID.test(id)) throw webhookError('WEBHOOK_UNKNOWN', 'client', 'There is no such webhook')
}
