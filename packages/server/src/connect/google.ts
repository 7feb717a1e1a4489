import { generateKeyPairSync } from 'node:crypto'
import type { ServiceAddress } from '@holdfast/ai'
import { createGoogleCalendar, GOOGLE_CALENDAR_SCOPES } from '@holdfast/connectors/calendar'
import type { GoogleCalendar } from '@holdfast/connectors/calendar'
import {
  createGoogleAuth,
  createGoogleSheets,
  GOOGLE_SHEETS_SCOPE,
  parseServiceAccountKey,
} from '@holdfast/connectors/google-sheets'
import type { GoogleAuth, GoogleSheets, ServiceAccountKey } from '@holdfast/connectors/google-sheets'
import type { WriteMemory } from '@holdfast/connectors/writes'
import { createIntegration } from '@holdfast/core'
import type { Integration } from '@holdfast/core'

/** The spreadsheet at an address, with the service account that it is read by, which is closed with it. */
export function googleSheetsAt(
  address: ServiceAddress,
  integration: Integration,
  writeMemory?: WriteMemory,
): GoogleSheets {
  const auth = googleAuthAt(address, [GOOGLE_SHEETS_SCOPE])
  const sheets = createGoogleSheets({
    spreadsheetId: address.settings['spreadsheetId'] ?? '',
    baseUrl: address.url,
    auth,
    integration,
    writeMemory,
  })
  return { ...sheets, close: () => closeAll(sheets, auth) }
}

/** The calendar at an address, with the service account that it is read by, which is closed with it. */
export function googleCalendarAt(address: ServiceAddress, integration: Integration): GoogleCalendar {
  const auth = googleAuthAt(address, GOOGLE_CALENDAR_SCOPES)
  const calendar = createGoogleCalendar({
    calendarId: address.settings['calendarId'] ?? '',
    baseUrl: address.url,
    auth,
    integration,
  })
  return { ...calendar, close: () => closeAll(calendar, auth) }
}

/** The token endpoint is another service, with a guard of its own. */
function googleAuthAt({ credentials, settings }: ServiceAddress, scopes: readonly string[]): GoogleAuth {
  const key = credentials['apiKey']
  return createGoogleAuth({
    key: key === undefined ? sandboxKey() : parseServiceAccountKey(key),
    scopes,
    subject: settings['subject'],
    tokenUrl: settings['tokenUrl'],
    integration: createIntegration({ name: 'google-auth', deadlineMs: 20_000, attemptTimeoutMs: 5_000 }),
  })
}

/** The sandbox takes whatever is signed. */
function sandboxKey(): ServiceAccountKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return {
    clientEmail: 'desk@sandbox.example',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

async function closeAll(...clients: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()))
}
