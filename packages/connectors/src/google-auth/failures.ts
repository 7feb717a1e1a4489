import type { FailedReply, FailureHint } from '../http/index.ts'

/** What the errors of the token endpoint mean. None of them has changed anything. */
const BY_NAME: Readonly<Record<string, string>> = {
  invalid_grant: 'refused the assertion (invalid_grant): is the key still in use, and the clock of this machine right?',
  invalid_client: 'does not know the service account (invalid_client)',
  unauthorized_client: 'does not let the service account act for this user or with these scopes (unauthorized_client)',
  access_denied: 'does not let the service account act for this user or with these scopes (access_denied)',
  invalid_scope: 'does not know one of the scopes (invalid_scope)',
}

/** What a status that is not 2xx means. Descriptions stay out: they name the account. */
export function explain({ status, text }: FailedReply): FailureHint | undefined {
  if (status >= 500 || status === 429) return { mayHaveTakenEffect: false }
  const said = BY_NAME[nameIn(text)]
  if (said === undefined) return { mayHaveTakenEffect: false }
  return {
    code: 'NOT_AUTHORISED',
    category: 'auth',
    message: `Google OAuth ${said}`,
    retryable: false,
    mayHaveTakenEffect: false,
  }
}

function nameIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' && Object.hasOwn(BY_NAME, error) ? error : ''
  } catch {
    return ''
  }
}
