import type { ServiceAddress } from '@holdfast/ai'
import { createResend, createSmtp } from '@holdfast/connectors/email'
import type { EmailAddress, Mailer, Smtp, SmtpOptions } from '@holdfast/connectors/email'
import { createTeams } from '@holdfast/connectors/teams'
import type { Teams } from '@holdfast/connectors/teams'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { Integration } from '@holdfast/core'
import { isSmtp } from '../environment/address.ts'
import { isLoopback } from '../environment/environment.ts'

/** E-mail by Resend, or by the mail server, at an address. */
export function mailerAt(address: ServiceAddress, integration: Integration, writeMemory?: WriteMemory): Mailer {
  const { url, credentials, settings } = address
  if (isSmtp(url)) return smtpAt(address, { integration, writeMemory })
  return createResend({
    apiKey: credentials['apiKey'] ?? '',
    from: senderOf(settings['from'] ?? ''),
    baseUrl: url,
    integration,
    writeMemory,
  })
}

/** A mail server. Only one on this machine may be spoken to in the clear. */
export function smtpAt(
  { url, credentials, settings }: ServiceAddress,
  options: Pick<SmtpOptions, 'integration' | 'writeMemory' | 'timeoutMs'>,
): Smtp {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const inTheClear = isLoopback(host) ? 'none' : 'starttls'
  return createSmtp({
    ...options,
    host,
    port: port === '' ? undefined : Number(port),
    security: protocol === 'smtps:' ? 'tls' : inTheClear,
    user: settings['user'],
    password: credentials['apiKey'],
    from: senderOf(settings['from'] ?? ''),
  })
}

/** A channel of Teams; its address is its secret. */
export function teamsAt({ url }: ServiceAddress, integration: Integration, writeMemory?: WriteMemory): Teams {
  return createTeams({ webhookUrl: url, integration, writeMemory })
}

/** `Name <address>`, or an address alone. */
function senderOf(text: string): EmailAddress {
  const [, name, address] = /^(.+) <(.+)>$/.exec(text) ?? []
  return name === undefined || address === undefined ? text : { name, address }
}
