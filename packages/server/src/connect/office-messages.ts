import type { ServiceAddress } from '@holdfast/ai'
import { createResend } from '@holdfast/connectors/email'
import type { EmailAddress, Mailer } from '@holdfast/connectors/email'
import { createTeams } from '@holdfast/connectors/teams'
import type { Teams } from '@holdfast/connectors/teams'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { Integration } from '@holdfast/core'

/** E-mail by Resend at an address. */
export function mailerAt({ url, credentials, settings }: ServiceAddress, integration: Integration): Mailer {
  return createResend({
    apiKey: credentials['apiKey'] ?? '',
    from: senderOf(settings['from'] ?? ''),
    baseUrl: url,
    integration,
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
