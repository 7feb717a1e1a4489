import type { ServiceAddress } from '@holdfast/ai'
import { createHubSpot } from '@holdfast/connectors/hubspot'
import type { HubSpot } from '@holdfast/connectors/hubspot'
import type { WriteMemory } from '@holdfast/connectors/writes'
import type { Integration } from '@holdfast/core'

/** HubSpot at an address. */
export function hubspotAt(
  { url, credentials, settings }: ServiceAddress,
  integration: Integration,
  writeMemory?: WriteMemory,
): HubSpot {
  return createHubSpot({
    accessToken: credentials['apiKey'] ?? '',
    baseUrl: url,
    version: settings['version'],
    timeZone: settings['timeZone'],
    integration,
    writeMemory,
  })
}
