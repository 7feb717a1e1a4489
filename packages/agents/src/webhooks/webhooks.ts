import type { IntegrationSnapshot } from '@holdfast/core'

/** Who is to be told of what. */
export interface NewWebhook {
  /** `https:`, of a public address; at most 2,000 characters. */
  readonly url: string
  /** 1 to 100 names of events, as in the outbox; with `*` at its end how they begin: `quote.*`, or `*` for all. */
  readonly events: readonly string[]
  /** For people. At most 200 characters. Default: empty. */
  readonly label?: string | undefined
  /** `whsec_` and 24 to 64 bytes in base64. Default: a new one. */
  readonly secret?: string | undefined
}

/** What was made. */
export interface AddedWebhook {
  readonly id: string
  /** It is shown here and never again. */
  readonly secret: string
}

/** A webhook as it is shown. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly label: string
  readonly createdAt: Date
  /** `dead` ones are sent nothing until they are redriven. */
  readonly state: 'active' | 'dead'
  readonly lastSuccessAt?: Date
  readonly failingSince?: Date
  readonly deadAt?: Date
  /** `GONE` or `GAVE_UP`. */
  readonly deadCode?: string
  /** Messages that are owed to it, and those that were given up. */
  readonly pending: number
  readonly dead: number
}

/** A message that is owed to a webhook, or was given up. */
export interface WebhookDelivery {
  readonly topic: string
  readonly seq: number
  readonly event: string
  /** `dead` was given up: it is sent again when the webhook is redriven. */
  readonly state: 'pending' | 'dead'
  readonly attempts: number
  /** When it is due; left out while it waits behind another of its topic. */
  readonly nextAt?: Date
  /** Of the latest attempt that has failed. */
  readonly lastAt?: Date
  /** `HTTP_500`, or the code of what went wrong. */
  readonly lastCode?: string
}

/** How the secrets of a tenant are kept in the store. */
export interface KeptSecrets {
  /** Those that were encrypted just now with the first of the keys. */
  readonly sealed: number
  /** Those of a key that is not given, or is another one: what they sign cannot be sent. */
  readonly unreadable: number
  /** Those that are kept as they are, since no key is given. */
  readonly plain: number
}

/** Tells others of events, in the order of each topic, at least once, until they have it. */
export interface Webhooks {
  /**
   * Adds one. It is told of what is begun from now on.
   * @throws HoldfastError `INVALID_WEBHOOK`, `WEBHOOK_URL_REFUSED`, `TOO_MANY_WEBHOOKS`, and what the store throws.
   */
  add(tenant: string, webhook: NewWebhook): Promise<AddedWebhook>
  /** Those of a tenant, the oldest first. */
  list(tenant: string): Promise<readonly Webhook[]>
  /** What is owed to one, and what was given up; what failed last comes first. @param limit 1 to 1,000. Default: 100. @throws HoldfastError `WEBHOOK_UNKNOWN` */
  deliveries(
    tenant: string,
    id: string,
    options?: { readonly limit?: number | undefined },
  ): Promise<readonly WebhookDelivery[]>
  /** @returns whether there was one. */
  remove(tenant: string, id: string): Promise<boolean>
  /**
   * Gives it a new secret. The old ones sign beside it for `overlapMs` (0 to 2,592,000,000; default 86,400,000).
   * @returns the new one. @throws HoldfastError `WEBHOOK_UNKNOWN`
   */
  rotateSecret(
    tenant: string,
    id: string,
    options?: { readonly secret?: string | undefined; readonly overlapMs?: number | undefined },
  ): Promise<string>
  /** Encrypts those secrets of a tenant that are not encrypted with the first of the `encryptionKeys`. */
  sealSecrets(tenant: string): Promise<KeptSecrets>
  /**
   * Lets a dead one live, and sends what was given up, and what has happened since.
   * @returns how many messages are owed to it. @throws HoldfastError `WEBHOOK_UNKNOWN`
   */
  redrive(tenant: string, id: string): Promise<number>
  /** Begins to send. Of several processes each message is sent by one. @throws HoldfastError `WEBHOOKS_CLOSED` */
  start(): Promise<void>
  health(): IntegrationSnapshot
  /** Ends it: what is under way has `drainMs` (0 to 600,000; default 5,000), then it is given back. The store stays open. */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>
}
