import type { ServiceAddress } from '@holdfast/ai'
import { createCalCom } from '@holdfast/connectors/calendar'
import type { CalCom } from '@holdfast/connectors/calendar'
import type { Integration } from '@holdfast/core'

/** Cal.com at an address. */
export function calComAt({ url, credentials, settings }: ServiceAddress, integration: Integration): CalCom {
  const eventTypeId = settings['eventTypeId']
  return createCalCom({
    apiKey: credentials['apiKey'] ?? '',
    baseUrl: url,
    integration,
    ...(eventTypeId === undefined ? {} : { eventTypeId: Number(eventTypeId) }),
  })
}
