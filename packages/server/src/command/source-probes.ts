import type { ServiceAddress } from '@holdfast/ai'
import type { Integration } from '@holdfast/core'
import type { HubSpotSourceOptions, SheetSourceOptions } from '../config/options.ts'
import { propertiesOf } from '../config/sync-fields.ts'
import { googleSheetsAt } from '../connect/google.ts'
import { hubspotAt } from '../connect/hubspot.ts'
import { columnsOf, requireColumns } from '../sync/sheet-source.ts'
import { modifiedOf } from '../sync/hubspot-source.ts'
import type { ProbeResult } from './probes.ts'

/** Asks a source of `sync` for what a pull begins with: a sheet for the names of its columns, HubSpot for one record. Rejects when it does not answer, or has no such column. */
export async function probeSource(
  source: SheetSourceOptions | HubSpotSourceOptions,
  address: ServiceAddress,
  integration: Integration,
): Promise<ProbeResult> {
  return source.from === 'hubspot'
    ? probeHubSpot(source, address, integration)
    : probeSheet(source, address, integration)
}

async function probeSheet(
  source: SheetSourceOptions,
  address: ServiceAddress,
  integration: Integration,
): Promise<ProbeResult> {
  const { sheet } = source
  const sheets = googleSheetsAt(address, integration)
  try {
    const { rows } = await sheets.readRange(`'${sheet.replaceAll("'", "''")}'!1:1`)
    requireColumns(sheet, columnsOf(source), rows[0] ?? [])
    return { well: true, finding: `the sheet ${sheet} has the columns that are read` }
  } finally {
    await sheets.close()
  }
}

async function probeHubSpot(
  source: HubSpotSourceOptions,
  address: ServiceAddress,
  integration: Integration,
): Promise<ProbeResult> {
  const { type = 'contacts' } = source
  const hubspot = hubspotAt(address, integration)
  try {
    const properties = Object.values(propertiesOf(source)).flat()
    const filters = [{ property: modifiedOf(type), operator: 'GTE' as const, value: 0 }]
    const { total } = await hubspot.search(type, { filters, properties, limit: 1 })
    return { well: true, finding: `lets its ${type} be read (${total})` }
  } finally {
    await hubspot.close()
  }
}
