import type { McpTool } from '@holdfast/agents/mcp'
import { createApollo } from '@holdfast/connectors/apollo'
import { createAvinode } from '@holdfast/connectors/avinode'
import type { WriteMemory } from '@holdfast/connectors/writes'
import { createIntegration } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { calComAt } from '../connect/cal-com.ts'
import { googleCalendarAt, googleSheetsAt } from '../connect/google.ts'
import { hubspotAt } from '../connect/hubspot.ts'
import { mailerAt, teamsAt } from '../connect/office-messages.ts'
import type { Services } from '../environment/services.ts'
import { apolloTools } from './apollo-tools.ts'
import { avinodeTools } from './avinode-tools.ts'
import { calComTools, googleCalendarTools } from './calendar-tools.ts'
import { emailTools } from './email-tools.ts'
import { googleSheetsTools } from './google-sheets-tools.ts'
import { hubspotTools } from './hubspot-tools.ts'
import type { ToolSetName } from './names.ts'
import { teamsTools } from './teams-tools.ts'

/** Tools with what stands behind them. */
export interface ToolSet {
  readonly tools: readonly McpTool[]
  /** What a host tells its model of them all. */
  readonly instructions: string
  /** Whether it speaks to the sandbox, whose answers are made up. */
  readonly sandbox: boolean
  close(): Promise<void>
}

/** Connects a connector to its service, each call guarded. @param writeMemory where its writes are remembered. Default: in this process. @throws HoldfastError `INVALID_OPTION` for what the environment's own check does not see. */
export function createToolSet(
  name: ToolSetName,
  services: Services,
  integration: Integration = guard(name),
  writeMemory?: WriteMemory,
): ToolSet {
  switch (name) {
    case 'avinode': {
      const { url, credentials, settings, sandbox } = services.avinode
      const avinode = createAvinode({
        apiToken: credentials['apiKey'] ?? '',
        baseUrl: url,
        integration,
        writeMemory,
        ...(credentials['accessToken'] === undefined ? {} : { accessToken: credentials['accessToken'] }),
        ...(settings['product'] === undefined ? {} : { product: settings['product'] }),
      })
      return {
        tools: avinodeTools(avinode),
        instructions: told('Avinode, the marketplace for chartered aircraft.', sandbox),
        sandbox,
        close: () => avinode.close(),
      }
    }
    case 'apollo': {
      const { url, credentials, sandbox } = services.apollo
      const apollo = createApollo({ apiKey: credentials['apiKey'] ?? '', baseUrl: url, integration, writeMemory })
      return {
        tools: apolloTools(apollo),
        instructions: told('Apollo.io: people, companies and outreach sequences.', sandbox),
        sandbox,
        close: () => apollo.close(),
      }
    }
    case 'google-sheets': {
      const { 'google-sheets': address } = services
      const sheets = googleSheetsAt(address, integration, writeMemory)
      return {
        tools: googleSheetsTools(sheets),
        instructions: told(
          'A spreadsheet of Google Sheets; the first row of a sheet names its columns.',
          address.sandbox,
        ),
        sandbox: address.sandbox,
        close: () => sheets.close(),
      }
    }
    case 'google-calendar': {
      const { 'google-calendar': address } = services
      const calendar = googleCalendarAt(address, integration)
      return {
        tools: googleCalendarTools(calendar),
        instructions: told('A calendar of Google Calendar.', address.sandbox),
        sandbox: address.sandbox,
        close: () => calendar.close(),
      }
    }
    case 'cal-com': {
      const { 'cal-com': address } = services
      const cal = calComAt(address, integration, writeMemory)
      return {
        tools: calComTools(cal),
        instructions: told('Cal.com: slots that can be booked, and bookings.', address.sandbox),
        sandbox: address.sandbox,
        close: () => cal.close(),
      }
    }
    case 'hubspot': {
      const { hubspot: address } = services
      const hubspot = hubspotAt(address, integration, writeMemory)
      return {
        tools: hubspotTools(hubspot),
        instructions: told('HubSpot: contacts, companies and deals.', address.sandbox),
        sandbox: address.sandbox,
        close: () => hubspot.close(),
      }
    }
    case 'email': {
      const { resend: address } = services
      const mailer = mailerAt(address, integration, writeMemory)
      return {
        tools: emailTools(mailer),
        instructions: told('E-mail.', address.sandbox),
        sandbox: address.sandbox,
        close: () => mailer.close(),
      }
    }
    case 'teams': {
      const { teams: address } = services
      const teams = teamsAt(address, integration, writeMemory)
      return {
        tools: teamsTools(teams),
        instructions: told('A channel of Microsoft Teams.', address.sandbox),
        sandbox: address.sandbox,
        close: () => teams.close(),
      }
    }
  }
}

function guard(name: ToolSetName): Integration {
  return createIntegration({ name, deadlineMs: 20_000, attemptTimeoutMs: 10_000 })
}

function told(what: string, sandbox: boolean): string {
  return sandbox ? `${what} It runs on a sandbox: what it answers is made up.` : what
}
