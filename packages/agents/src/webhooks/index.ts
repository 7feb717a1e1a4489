/** Webhooks: others are told of events, in the order of each topic, at least once, until they have it; signed as Standard Webhooks says. */
export { createWebhooks } from './create-webhooks.ts'
export type { WebhookDelivered, WebhookEvent, WebhookFailed, WebhooksTroubled } from './events.ts'
export { WEBHOOK_DEFAULTS } from './options.ts'
export type { WebhooksOptions } from './options.ts'
export type { EncryptionKey } from './sealing.ts'
export type { AddedWebhook, KeptSecrets, NewWebhook, Webhook, WebhookDelivery, Webhooks } from './webhooks.ts'
