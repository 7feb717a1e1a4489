import type { ServiceAddress } from '@holdfast/ai'
import { createCalCom } from '@holdfast/connectors/calendar'
import type { CalCom } from '@holdfast/connectors/calendar'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { Integration } from '@holdfast/core'

/** Cal.com at an address. */
export function calComAt(
  { url, credentials, settings }: ServiceAddress,
  integration: Integration,
  writeMemory?: WriteMemory,
): CalCom {
  const eventTypeId = settings['eventTypeId']
  return createCalCom({
    apiKey: credentials['apiKey'] ?? '',
    baseUrl: url,
    integration,
    writeMemory,
    ...(eventTypeId === undefined ? {} : { eventTypeId: Number(eventTypeId) }),
  })
}
