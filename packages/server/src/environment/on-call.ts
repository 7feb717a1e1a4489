import type { VariableReader } from './variables.ts'

/** Whom tickets are posted to. */
export interface OnCallAddress {
  readonly url: string
  /** What it authenticates by. */
  readonly headers: Readonly<Record<string, string>>
}

/** Reads where the people on call are told; `undefined` when nothing is set. */
export function readOnCall(reader: VariableReader): OnCallAddress | undefined {
  const url = reader.url('ONCALL_WEBHOOK_URL', { query: true })
  const secret = reader.secret('ONCALL_WEBHOOK_SECRET')
  const header = reader.header('ONCALL_WEBHOOK_HEADER') ?? 'authorization'
  reader.needs('ONCALL_WEBHOOK_SECRET', 'ONCALL_WEBHOOK_URL')
  reader.needs('ONCALL_WEBHOOK_HEADER', 'ONCALL_WEBHOOK_SECRET')
  return url === undefined ? undefined : { url, headers: secret === undefined ? {} : { [header]: secret } }
}
