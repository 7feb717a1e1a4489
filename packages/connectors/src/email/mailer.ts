import type { ApiCallOptions } from '../api/options.ts'
import type { EmailMessage } from './message.ts'

/** What became of a message that was taken. */
export interface SentEmail {
  /** The service's own id for it: Resend's, or the `Message-ID`. */
  readonly id: string
  /** Recipients that the server would not have, while it took the message for the others. Only SMTP says so at once. */
  readonly rejected: readonly string[]
}

/** Sends e-mail. The same for every way to send it. */
export interface Mailer {
  /**
   * Hands a message over. That it was taken does not mean that it has arrived.
   *
   * It is a write: with an `idempotencyKey` a second call gives the result of the first, and only what certainly has not been taken is tried again.
   * @throws HoldfastError `INVALID_INPUT` for a message that cannot be sent; otherwise what the reply means.
   */
  send(message: EmailMessage, options?: ApiCallOptions): Promise<SentEmail>
  /** Closes its connections, unless they were given. */
  close(): Promise<void>
}
