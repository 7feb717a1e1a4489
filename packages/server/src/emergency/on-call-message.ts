import type { EmergencyTicket } from '@holdfast/ai/triage'
import type { TeamsMessage } from '@holdfast/connectors/teams'

/** Characters of the customer's message in a card, which has less room than a ticket. */
const CARD_MESSAGE = 2_000

/** A ticket as it is on the disk. */
export interface KeptTicket extends EmergencyTicket {
  readonly assistant: string
}

/** What the webhook receives. */
interface OnCallMessage {
  /** For people; the field that Slack, Mattermost and Google Chat show. */
  readonly text: string
  readonly type: 'emergency-ticket'
  readonly ticket: {
    readonly id: string
    /** Wall time, ISO 8601. */
    readonly at: string
    readonly assistant: string
    readonly tenant: string
    readonly requestId: string
    readonly sessionId?: string
    readonly language?: string
    readonly score: number
    readonly reasons: readonly string[]
    /** What the customer said, 4,000 characters of it at most. */
    readonly message: string
  }
}

/** Says what has happened in words, and again in fields for a workflow. */
export function onCallMessage(kept: KeptTicket): OnCallMessage {
  const { id, at, assistant, tenant, requestId, sessionId, assessment, message } = kept
  const time = new Date(at).toISOString()
  return {
    text: `Emergency ${id} (${assistant}, ${tenant}, ${time}):\n${message}`,
    type: 'emergency-ticket',
    ticket: {
      id,
      at: time,
      assistant,
      tenant,
      requestId,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(assessment.language === undefined ? {} : { language: assessment.language }),
      score: assessment.score,
      reasons: assessment.reasons.map((reason) => reason.id),
      message,
    },
  }
}

/** The same for a channel of Microsoft Teams. */
export function onCallCard(kept: KeptTicket): TeamsMessage {
  const { text, ticket } = onCallMessage(kept)
  const facts = { assistant: ticket.assistant, tenant: ticket.tenant, time: ticket.at, request: ticket.requestId }
  return {
    title: `Emergency ${ticket.id}`,
    text: (ticket.message.trim() === '' ? text : ticket.message).slice(0, CARD_MESSAGE).toWellFormed(),
    facts: Object.entries(facts).map(([name, value]) => ({ name, value: value.slice(0, 200) })),
    isUrgent: true,
  }
}
