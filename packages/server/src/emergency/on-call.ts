import { createHttpClient } from '@holdfast/connectors/http'
import { createTeams } from '@holdfast/connectors/teams'
import type { Teams } from '@holdfast/connectors/teams'
import { createIntegration } from '@holdfast/core'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import type { Send } from '@holdfast/store/delivery'
import type { OnCallAddress } from '../environment/on-call.ts'
import { onCallCard, onCallMessage } from './on-call-message.ts'
import type { KeptTicket } from './on-call-message.ts'

/** The name of its integration; one of that name in the configuration guards it instead. */
export const ON_CALL = 'on-call'

/** The way to the people on call. */
export interface OnCall {
  readonly send: Send
  close(): Promise<void>
}

/** How it is guarded where the configuration says nothing. */
export function onCallIntegration(events: Events<CoreEvent>): Integration {
  return createIntegration({
    name: ON_CALL,
    kind: 'webhook',
    deadlineMs: 20_000,
    attemptTimeoutMs: 5_000,
    retry: { maxRetries: 2 },
    events,
  })
}

/** Posts tickets to a webhook. Confirmed is what it answers with 2xx, whatever the body says; by a channel of Teams, what it says that it has delivered. */
export function createOnCall({ url, headers, format }: OnCallAddress): OnCall {
  if (format === 'teams') return toTeams(createTeams({ webhookUrl: url }))
  const client = createHttpClient({ baseUrl: url, service: ON_CALL, headers })
  return {
    async send({ data }, { signal, idempotencyKey }) {
      const reply = await client.request({
        json: onCallMessage(data as KeptTicket),
        headers: { 'idempotency-key': idempotencyKey },
        idempotent: true,
        signal,
      })
      reply.discard()
    },
    close: () => client.close(),
  }
}

function toTeams(channel: Teams): OnCall {
  return {
    // Without its key: what is sent again may have to arrive twice.
    send: ({ data }, { signal }) => channel.post(onCallCard(data as KeptTicket), { signal }),
    close: () => channel.close(),
  }
}
