/*
 * E-mail, by Resend's API or by any SMTP server: one interface, `Mailer`.
 *
 * Documented (resend.com, its OpenAPI description): the body and the reply of `POST /emails`, `Idempotency-Key` of up to 256 characters that is kept for 24 hours, the names of its errors, two
 * requests a second for a new account, `Resend-Idempotency-Key` as a header of a message that is sent by its SMTP server. RFC 5321: what replies of 4yz and 5yz mean.
 * Not verified: how long after a failure Resend still knows a key; the name `monthly_quota_exceeded`.
 */
export { EMAIL_MAX_ATTACHED_BYTES } from './message.ts'
export type { EmailAddress, EmailAttachment, EmailMessage } from './message.ts'
export type { Mailer, SentEmail } from './mailer.ts'
export { createResend, RESEND_BASE_URL } from './resend.ts'
export type { ResendOptions } from './resend.ts'
export { createSmtp } from './smtp.ts'
export type { Smtp, SmtpOptions } from './smtp.ts'
export type { ApiCallOptions } from '../api/options.ts'
