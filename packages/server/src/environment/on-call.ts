import type { VariableReader } from './variables.ts'

/** Whom tickets are posted to. */
export interface OnCallAddress {
  readonly url: string
  /** What it authenticates by. */
  readonly headers: Readonly<Record<string, string>>
  /** A channel of Microsoft Teams is written to, and answers, in its own way. Default: plain JSON. */
  readonly format?: 'teams'
}

/** Reads where the people on call are told; `undefined` when nothing is set. */
export function readOnCall(reader: VariableReader): OnCallAddress | undefined {
  const url = reader.url('ONCALL_WEBHOOK_URL', { query: true })
  const secret = reader.secret('ONCALL_WEBHOOK_SECRET')
  const header = reader.header('ONCALL_WEBHOOK_HEADER') ?? 'authorization'
  const format = reader.matching('ONCALL_WEBHOOK_FORMAT', /^(?:json|teams)$/, 'json or teams')
  reader.needs('ONCALL_WEBHOOK_FORMAT', 'ONCALL_WEBHOOK_URL')
  reader.needs('ONCALL_WEBHOOK_SECRET', 'ONCALL_WEBHOOK_URL')
  reader.needs('ONCALL_WEBHOOK_HEADER', 'ONCALL_WEBHOOK_SECRET')
  if (format === 'teams' && secret !== undefined) {
    reader.problems.push('ONCALL_WEBHOOK_SECRET is set, but a channel of Teams has its secret in its URL: leave it out')
  }
  if (url !== undefined && format === 'teams') return { url, headers: {}, format }
  return url === undefined ? undefined : { url, headers: secret === undefined ? {} : { [header]: secret } }
}
