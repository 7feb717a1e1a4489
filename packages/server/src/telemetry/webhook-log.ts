import type { WebhookEvent } from '@holdfast/agents/webhooks'
import type { Log } from '../http/context.ts'

/** Writes a line for each thing that webhooks report: that nothing more is sent is for people, the rest for debugging. */
export function logWebhookEvent(log: Log, { at: _, type, ...fields }: WebhookEvent): void {
  const line = { event: type, ...fields }
  if (!('outcome' in fields)) return log.debug(line, type)
  if (fields.outcome === 'webhook-dead')
    return log.error(line, 'a webhook takes nothing: it is sent nothing more before it is redriven')
  if (fields.outcome === 'dead') return log.error(line, 'a message of a webhook was given up until it is redriven')
  log.debug(line, 'a message of a webhook could not be delivered, and is sent again')
}
