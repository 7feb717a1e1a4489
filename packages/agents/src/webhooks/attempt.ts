import { toHoldfastError } from '@holdfast/core'
import type { HoldfastError, Random } from '@holdfast/core'
import type { WebhookSettings } from './options.ts'
import type { Outcome, TakenMessage } from './queue.ts'
import type { Sealing } from './sealing.ts'
import type { Message } from './send.ts'
import { messageId, signedHeaders } from './signature.ts'

/** What is sent. @param now wall time, in ms. @returns nothing when it is larger than it may be. @throws HoldfastError `SECRET_UNREADABLE` */
export function messageOf(
  tenant: string,
  taken: TakenMessage,
  sealing: Sealing,
  now: number,
  maxBytes: number,
): Message | undefined {
  const { webhook, topic, seq, event, createdAt, payload, url } = taken
  const body = JSON.stringify({ type: event, timestamp: createdAt.toISOString(), topic, seq, data: payload })
  if (Buffer.byteLength(body) > maxBytes) return undefined
  const secrets = readable(tenant, taken, sealing)
  const id = messageId(tenant, webhook, topic, seq)
  return { url, body, headers: signedHeaders(id, Math.floor(now / 1_000), body, secrets) }
}

/** Those that can be read: while a new secret takes the place of one whose key is lost, that one signs alone. @throws HoldfastError `SECRET_UNREADABLE` where there is none */
function readable(tenant: string, { webhook, secrets }: TakenMessage, sealing: Sealing): readonly string[] {
  const opened: string[] = []
  let failure: HoldfastError | undefined
  for (const { id, kept } of secrets) {
    try {
      opened.push(sealing.open(kept, { tenant, webhook, id }))
    } catch (error) {
      failure = toHoldfastError(error, 'webhooks')
    }
  }
  if (opened.length === 0 && failure !== undefined) throw failure
  return opened
}

/** Half of it is left to chance, so that those who failed together do not come back together. @param attempt the first is 1. */
export function backoffOf(
  attempt: number,
  { backoffMs, maxBackoffMs }: Pick<WebhookSettings, 'backoffMs' | 'maxBackoffMs'>,
  random: Random,
): number {
  const longest = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(attempt - 1, 40))
  return Math.round(longest / 2 + (longest / 2) * random())
}

/** What a failure means for the message. */
export function outcomeOf(thrown: unknown, backoffMs: number, maxBackoffMs: number): Outcome {
  const { code, cause, retryAfterMs = 0 } = toHoldfastError(thrown, 'webhooks')
  const status = typeof cause === 'object' && cause !== null && 'status' in cause ? cause.status : undefined
  if (status === 410) return { type: 'gone', code: 'GONE' }
  return {
    type: 'failed',
    code: typeof status === 'number' ? `HTTP_${status}` : code,
    retryInMs: Math.max(backoffMs, Math.min(retryAfterMs, maxBackoffMs)),
  }
}
