/*
 * Microsoft Teams: a message in a channel, as an Adaptive Card, through the URL of a workflow ("when a Teams webhook request is received") or of an incoming webhook.
 *
 * Documented (learn.microsoft.com): the body with the card as an attachment, 28 KB at most, more than four requests a second are throttled, text runs know no
 * Markdown (what they know is `{{DATE(…)}}` and `{{TIME(…)}}`, which a channel may show as a date), and that a webhook
 * answers 200 with the text "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 …" when it has delivered nothing.
 * Read in public code that uses it: a webhook says `1` when it has delivered.
 * Not verified: that a workflow answers 202 with nothing; its errors for a wrong signature (401 or 403) and for a workflow that is gone (404).
 */
export { TEAMS_MAX_BYTES, teamsCard } from './card.ts'
export type { TeamsFact, TeamsMessage } from './card.ts'
export { createTeams } from './teams.ts'
export type { Teams, TeamsOptions } from './teams.ts'
export type { ApiCallOptions } from '../api/options.ts'
