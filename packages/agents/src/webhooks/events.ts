/** A receiver has taken a message. */
export interface WebhookDelivered {
  readonly type: 'webhook-delivered'
  readonly at: number
  readonly tenant: string
  readonly webhook: string
  readonly topic: string
  readonly seq: number
  readonly attempt: number
  readonly durationMs: number
}

/** A receiver has not taken a message. */
export interface WebhookFailed {
  readonly type: 'webhook-failed'
  readonly at: number
  readonly tenant: string
  readonly webhook: string
  readonly topic: string
  readonly seq: number
  readonly attempt: number
  readonly durationMs: number
  readonly code: string
  /** `retried` will be sent again; `dead` is this message alone, `webhook-dead` everything for its receiver: until somebody redrives them. */
  readonly outcome: 'retried' | 'dead' | 'webhook-dead'
}

/** The store cannot be reached, or its tenants cannot be told; it is tried again. */
export interface WebhooksTroubled {
  readonly type: 'webhooks-troubled'
  readonly at: number
  readonly code: string
}

/** What webhooks report. No address and no secret is in it. */
export type WebhookEvent = WebhookDelivered | WebhookFailed | WebhooksTroubled
