import type { ServiceAddress } from '@holdfast/ai'
import { GOOGLE_SHEETS_DEFAULTS } from '@holdfast/connectors/google-sheets'
import { HUBSPOT_DEFAULTS } from '@holdfast/connectors/hubspot'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { createIntegration } from '@holdfast/core'
import type { HubSpotSourceOptions, SheetSourceOptions, SyncOptions, SyncSourceOptions } from '../config/options.ts'
import { kindOf } from '../config/sync-fields.ts'
import { googleSheetsAt } from '../connect/google.ts'
import { hubspotAt } from '../connect/hubspot.ts'
import type { Environment } from '../environment/environment.ts'
import { hubspotSource } from './hubspot-source.ts'
import { sheetSource } from './sheet-source.ts'
import type { OpenSource, SourceContext } from './source.ts'
import { storeSource } from './store-source.ts'

/** The sources of the configuration, each with its guard. */
export interface OpenSources {
  /** Those guards that nobody else had made. */
  readonly integrations: readonly Integration[]
  /** Makes a source. */
  make(
    name: string,
    context: Omit<SourceContext, 'name' | 'kind' | 'onProblem'> & { readonly onProblem: OnProblem },
  ): OpenSource
}

type OnProblem = (source: string, tenant: string, problem: string) => void

/** What {@link openSources} is made with. */
export interface OpenSourcesOptions {
  readonly sync: SyncOptions
  readonly environment: Pick<Environment, 'services' | 'syncValues'>
  /** Those that there are. */
  readonly integrations: readonly Integration[]
  readonly events: Events<CoreEvent>
}

/** Puts a guard before each account that is read. A service's own is that of its name, which others use too; another account's is `sync-` and the name of the source. */
export function openSources({ sync, environment, integrations, events }: OpenSourcesOptions): OpenSources {
  const guards = new Map<string, Integration>()
  const added: Integration[] = []
  for (const [name, source] of Object.entries(sync.sources)) {
    if (source.from === 'store') continue
    const wanted = hasOwnAccount(source) ? `sync-${name}` : source.from
    let guard = [...integrations, ...added].find((one) => one.name === wanted)
    if (guard === undefined) {
      guard = createIntegration({
        name: wanted,
        kind: 'external-api',
        deadlineMs: 20_000,
        attemptTimeoutMs: 10_000,
        events,
      })
      added.push(guard)
    }
    guards.set(name, guard)
  }
  return {
    integrations: added,
    make(name, { onProblem, ...rest }) {
      const source = sync.sources[name]!
      const context: SourceContext = {
        ...rest,
        name,
        kind: kindOf(source),
        onProblem: (tenant, problem) => onProblem(name, tenant, problem),
      }
      if (source.from === 'store') return storeSource(context)
      const guard = guards.get(name)!
      const address = addressOf(source, environment)
      return source.from === 'google-sheets'
        ? sheetSource(
            { ...source, spreadsheetId: address.settings['spreadsheetId'] },
            googleSheetsAt(address, guard),
            context,
          )
        : hubspotSource(source, hubspotAt(address, guard), context)
    },
  }
}

/** Where a source is read, and with which key. */
export function addressOf(
  source: Exclude<SyncSourceOptions, { readonly from: 'store' }>,
  environment: OpenSourcesOptions['environment'],
): ServiceAddress {
  return source.from === 'google-sheets' ? sheetsAddress(source, environment) : hubspotAddress(source, environment)
}

function hasOwnAccount(source: Exclude<SyncSourceOptions, { readonly from: 'store' }>): boolean {
  return (source.from === 'hubspot' ? source.tokenVariable : source.keyVariable) !== undefined
}

function sheetsAddress(
  { spreadsheetId, keyVariable }: SheetSourceOptions,
  { services, syncValues }: OpenSourcesOptions['environment'],
): ServiceAddress {
  const service = services['google-sheets']
  if (keyVariable !== undefined) {
    const own = ownAddress(service, GOOGLE_SHEETS_DEFAULTS.baseUrl, syncValues[keyVariable])
    return { ...own, settings: spreadsheetId === undefined ? {} : { spreadsheetId } }
  }
  return spreadsheetId === undefined ? service : { ...service, settings: { ...service.settings, spreadsheetId } }
}

function hubspotAddress(
  { tokenVariable }: HubSpotSourceOptions,
  { services, syncValues }: OpenSourcesOptions['environment'],
): ServiceAddress {
  const { hubspot } = services
  return tokenVariable === undefined
    ? hubspot
    : ownAddress(hubspot, HUBSPOT_DEFAULTS.baseUrl, syncValues[tokenVariable])
}

/** Where the service is real, at its address. */
function ownAddress(service: ServiceAddress, url: string, apiKey: string | undefined): ServiceAddress {
  return {
    ...service,
    url: service.sandbox ? url : service.url,
    sandbox: false,
    credentials: apiKey === undefined ? {} : { apiKey },
  }
}
