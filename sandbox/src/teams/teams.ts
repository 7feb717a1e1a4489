/**
 * Microsoft Teams: a channel behind a workflow, `/teams/workflow`, and behind an incoming webhook, `/teams/webhook`. Documented: the body with an Adaptive Card as an attachment, 28 KB at most, and that a webhook
 * answers 200 with the text of an error when it has delivered nothing (here: the fault `malformed`, variant `error-body`). Read in public code: a webhook says `1`.
 * Not verified: that a workflow answers 202 with nothing; the bodies of refusals. What is posted goes nowhere; the control API tells of it (`GET /arrived`).
 */
import { takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, text, type Reply, type WholeReply } from '../http/reply.ts'
import type { VendorErrors } from '../faults/distort.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Outbox } from '../outbox/outbox.ts'

const MAX_BYTES = 28 * 1024
const CARD = 'application/vnd.microsoft.card.adaptive'

/** Makes the stand-in for Teams. Who has its address may post. */
export function teams(outbox: Outbox): Vendor {
  let posted = 0

  const post = (request: Received): Reply | undefined => {
    if (Buffer.byteLength(request.body) > MAX_BYTES)
      return fail(413, 'RequestEntityTooLarge', 'Request Entity Too Large')
    const { type, attachments } = (parseJson(request.body) ?? {}) as { type?: unknown; attachments?: unknown }
    const [card] = Array.isArray(attachments) ? (attachments as { contentType?: unknown; content?: unknown }[]) : []
    if (type !== 'message' || card?.contentType !== CARD || typeof card.content !== 'object') {
      return fail(400, 'TriggerInputSchemaMismatch', 'The input body for trigger is not of type message with a card.')
    }
    posted += 1
    outbox.add('teams', `sandbox-message-${posted}`, card.content)
    return undefined
  }

  return {
    service: 'teams',
    errors: teamsErrors,
    takes: takesPath('teams'),
    answer(received) {
      const request = withoutPrefix('teams', received)
      if (request.method !== 'POST' || !['/workflow', '/webhook'].includes(request.path)) {
        return teamsErrors.error(404, request.path)
      }
      const refusal = post(request)
      if (refusal !== undefined) return refusal
      return request.path === '/webhook' ? text(200, '1') : { kind: 'whole', status: 202, headers: {}, body: '' }
    },
  }
}

function fail(status: number, code: string, message: string): WholeReply {
  return json(status, { error: { code, message } })
}

/** How the workflow words its refusals. */
const teamsErrors: VendorErrors = {
  error(status) {
    if (status === 401) return fail(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated.')
    if (status === 404) return fail(404, 'WorkflowNotFound', 'The workflow could not be found.')
    return status >= 500
      ? fail(status, 'InternalServerError', 'Internal error')
      : fail(status, 'BadRequest', 'Bad request')
  },
  rateLimited: () => fail(429, 'WorkflowThrottled', 'The workflow is being throttled.'),
  errorInBody: () =>
    'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0,server=sandbox.',
  errorPart: () => 'Webhook message delivery failed',
}
