import type { Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import type { ApiCallOptions } from '../api/options.ts'
import { createHttpClient } from '../http/index.ts'
import { headerText } from '../http/options.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { teamsCard } from './card.ts'
import type { TeamsMessage } from './card.ts'
import { checkDelivered, explain } from './failures.ts'

/** A channel of Microsoft Teams. */
export interface Teams {
  /**
   * Posts a message. It is made once: only what certainly has not been delivered is tried again, by the integration; with an `idempotencyKey`, a second call gives the
   * result of the first.
   * @throws HoldfastError `INVALID_INPUT` for what Teams would not take; otherwise what the reply means, also where its status says success.
   */
  post(message: TeamsMessage, options?: ApiCallOptions): Promise<void>
  /** Closes its connections, unless they were given. */
  close(): Promise<void>
}

/** How to reach a channel. */
export interface TeamsOptions {
  /** The URL of the workflow or the webhook. It is a secret: who has it can post. */
  readonly webhookUrl: string
  /** Every call runs through it. Default: none; one request a call, for who guards it himself. */
  readonly integration?: Integration | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Makes a client of one channel. @throws HoldfastError `INVALID_OPTION` */
export function createTeams({ webhookUrl, integration, writeMemory, dispatcher }: TeamsOptions): Teams {
  const http = createHttpClient({
    baseUrl: webhookUrl,
    service: 'Microsoft Teams',
    // Its replies are a few words.
    maxResponseBytes: 65_536,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  })
  const writes = createWriteRegistry('Microsoft Teams', writeMemory)

  async function send(card: object, signal: AbortSignal | undefined, requestId: string | undefined): Promise<void> {
    const reply = await http.request({
      json: card,
      explain,
      idempotent: false,
      ...(signal === undefined ? {} : { signal }),
      ...(requestId === undefined ? {} : { headers: { 'x-request-id': headerText(requestId) } }),
    })
    checkDelivered(reply.status, await reply.text())
  }

  return {
    async post(message, call = {}) {
      const { signal, requestId } = call
      const card = teamsCard(message)
      await writes.once(call, card, () =>
        integration === undefined
          ? send(card, signal, requestId)
          : integration.call((context) => send(card, context.signal, requestId), {
              idempotent: false,
              ...(signal === undefined ? {} : { signal }),
              ...(requestId === undefined ? {} : { requestId }),
            }),
      )
    },
    close: () => http.close(),
  }
}
