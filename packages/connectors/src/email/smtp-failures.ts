import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'

/** What nodemailer tells of a failure. */
interface SmtpError {
  readonly code?: string
  /** The command that failed: `CONN`, `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, `DATA`, … */
  readonly command?: string
  /** The server's reply code, when it has replied. */
  readonly responseCode?: number
}

/**
 * What a failure of a transaction means: a reply of 4yz is for now, one of 5yz for good (RFC 5321, 4.2.1), and a server that has replied with either has not taken the message. The server's
 * words do not go into the error: addresses stand in them.
 *
 * @param hasContent whether the message itself was under way.
 */
export function smtpFailure(service: string, thrown: unknown, hasContent: boolean): HoldfastError {
  const {
    code = '',
    command = '',
    responseCode,
  } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SmtpError
  if (code === 'EAUTH')
    return refused(service, 'auth', 'NOT_AUTHORISED', 'refused the user or the password', false, responseCode)
  if (responseCode !== undefined && responseCode >= 400) {
    const isForNow = responseCode < 500
    const what = `answered ${responseCode} to ${command === '' ? 'a command' : command}`
    if (isForNow) return refused(service, 'server', `SMTP_${responseCode}`, what, true, responseCode)
    // What a server says to its greeting, or to the sender, is about us and not about this message.
    const category: ErrorCategory = command === 'RCPT TO' || command === 'DATA' ? 'client' : 'configuration'
    return refused(service, category, `SMTP_${responseCode}`, what, false, responseCode)
  }
  switch (code) {
    case 'ETLS':
    case 'EREQUIRETLS':
      return refused(
        service,
        'configuration',
        'NO_ENCRYPTION',
        'does not offer a connection that is encrypted and trusted',
        false,
      )
    case 'EENVELOPE':
    case 'EMESSAGE':
      return refused(service, 'client', 'MESSAGE_REFUSED', 'would not take this message', false)
    case 'ETIMEDOUT':
      return lost('timeout', 'SMTP_TIMEOUT', `${service} did not answer in time`, hasContent, thrown)
    default: {
      const known = toHoldfastError(thrown, service)
      const category = known.category === 'unknown' ? 'network' : known.category
      return lost(
        category,
        known.code === 'UNKNOWN' ? 'CONNECTION_LOST' : known.code,
        `The connection to ${service.toLowerCase()} failed`,
        hasContent,
        thrown,
      )
    }
  }
}

function refused(
  service: string,
  category: ErrorCategory,
  code: string,
  what: string,
  retryable: boolean,
  status?: number,
): HoldfastError {
  return new HoldfastError({
    code,
    category,
    message: `${service} ${what}`,
    retryable,
    mayHaveTakenEffect: false,
    ...(status === undefined ? {} : { status }),
  })
}

function lost(
  category: ErrorCategory,
  code: string,
  message: string,
  hasContent: boolean,
  thrown: unknown,
): HoldfastError {
  return new HoldfastError({
    code,
    category,
    message,
    retryable: true,
    mayHaveTakenEffect: hasContent,
    // Its code only: what the server said is in its message.
    ...(typeof thrown === 'object' && thrown !== null && 'code' in thrown
      ? { cause: { code: String(thrown.code) } }
      : {}),
  })
}
