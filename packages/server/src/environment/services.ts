import type { ServiceAddress } from '@holdfast/ai'
import { APOLLO_BASE_URL } from '@holdfast/connectors/apollo'
import { AVINODE_BASE_URL } from '@holdfast/connectors/avinode'
import { N8N_DEFAULTS } from '@holdfast/connectors/n8n'
import type { HoldfastConfig, SyncSourceOptions } from '../config/options.ts'
import { address, isSmtp } from './address.ts'
import { readOfficeServices } from './office-services.ts'
import type { OfficeServiceName } from './office-services.ts'
import type { OnCallAddress } from './on-call.ts'
import type { VariableName, VariableReader } from './variables.ts'

/** The outside services whose addresses the environment holds. */
export type ServiceName = CharterServiceName | OfficeServiceName

/** Those that are there for the charter desk. */
type CharterServiceName = 'n8n' | 'llm' | 'apollo' | 'avinode'

const CHARTER_SERVICES: readonly CharterServiceName[] = ['n8n', 'llm', 'apollo', 'avinode']

/** Names for people. */
const SERVICE_TITLES: Readonly<Record<ServiceName, string>> = {
  n8n: 'n8n workflow',
  llm: 'Language model',
  apollo: 'Apollo',
  avinode: 'Avinode',
  'google-sheets': 'Google Sheets',
  'google-calendar': 'Google Calendar',
  'cal-com': 'Cal.com',
  hubspot: 'HubSpot',
  resend: 'Resend',
  teams: 'Microsoft Teams',
}

/** What a service is called for people, by where it is: e-mail may go by a mail server. */
export function serviceTitle(name: ServiceName, { url }: Pick<ServiceAddress, 'url'>): string {
  return isSmtp(url) ? 'E-mail by SMTP' : SERVICE_TITLES[name]
}

/** The variable that turns each service from the sandbox to the real one. */
export const SERVICE_SWITCHES: Readonly<Record<ServiceName, VariableName>> = {
  n8n: 'N8N_WEBHOOK_URL',
  llm: 'OPENAI_API_KEY',
  apollo: 'APOLLO_API_KEY',
  avinode: 'AVINODE_API_TOKEN',
  'google-sheets': 'GOOGLE_SHEETS_SPREADSHEET_ID',
  'google-calendar': 'GOOGLE_CALENDAR_ID',
  'cal-com': 'CALCOM_API_KEY',
  hubspot: 'HUBSPOT_ACCESS_TOKEN',
  resend: 'RESEND_API_KEY',
  teams: 'TEAMS_WEBHOOK_URL',
}

/** The addresses of all services. */
export type Services = Readonly<Record<ServiceName, ServiceAddress>>

/**
 * The services that are needed: those of the charter desk where one of them is named beside the language model, or nothing is known of who is served, but for the language model where assistants
 * use configured ones in its place; of the others those that an assistant, a desk or a source names, and those that have been set up (then `services` must be given).
 */
export function servicesInUse(
  {
    models,
    assistants = [],
    desks = [],
    sync,
  }: Partial<Pick<HoldfastConfig, 'models' | 'assistants' | 'desks' | 'sync'>>,
  services?: Services,
): ServiceName[] {
  const named = (name: ServiceName): boolean =>
    [...assistants, ...desks].some(({ integrations }) => integrations.includes(name)) ||
    Object.values(sync?.sources ?? {}).some((source) => readsService(source) === name)
  const isUnknown = assistants.length + desks.length === 0
  const hasCharter = isUnknown || CHARTER_SERVICES.some((name) => name !== 'llm' && named(name))
  const charter = CHARTER_SERVICES.filter(
    (name) => named(name) || (hasCharter && (name !== 'llm' || models === undefined)),
  )
  const others = (Object.keys(SERVICE_TITLES) as ServiceName[]).filter((name) => !isCharter(name))
  return [...charter, ...others.filter((name) => named(name) || services?.[name].sandbox === false)]
}

/** The service that a source is read at; none where it is the store, or has an account of its own. */
function readsService(source: SyncSourceOptions): ServiceName | undefined {
  if (source.from === 'store') return undefined
  const own = source.from === 'hubspot' ? source.tokenVariable : source.keyVariable
  return own === undefined ? source.from : undefined
}

function isCharter(name: ServiceName): boolean {
  return (CHARTER_SERVICES as readonly ServiceName[]).includes(name)
}

const SANDBOX_CREDENTIALS = { apiKey: 'sandbox-key', accessToken: 'sandbox-key' }

/** Where the services are, and what of their credentials must not be shown beside the variables that hold them. */
export interface ReadServices {
  readonly services: Services
  readonly secrets: readonly string[]
}

/** Reads where each service is; one without a key is at the sandbox, whose services use the ports after its own. */
export function readServices(
  reader: VariableReader,
  sandboxPort: number,
  onCall: OnCallAddress | undefined,
): ReadServices {
  const office = readOfficeServices(reader, (path) => `http://127.0.0.1:${sandboxPort + 3}${path}`, onCall)
  return { services: { ...readCharterServices(reader, sandboxPort), ...office.services }, secrets: office.secrets }
}

function readCharterServices(
  reader: VariableReader,
  sandboxPort: number,
): Readonly<Record<CharterServiceName, ServiceAddress>> {
  const at = (offset: number, path: string): string => `http://127.0.0.1:${sandboxPort + offset}${path}`
  const product = reader.text('AVINODE_PRODUCT')
  const authHeader = reader.header('N8N_AUTH_HEADER') ?? N8N_DEFAULTS.authHeader

  const webhook = reader.url('N8N_WEBHOOK_URL', { query: true })
  const n8nKey = reader.secret('N8N_API_KEY')
  reader.needs('N8N_API_KEY', 'N8N_WEBHOOK_URL')
  reader.needs('N8N_AUTH_HEADER', 'N8N_API_KEY')

  const llmKey = reader.secret('OPENAI_API_KEY')
  const llmUrl = reader.url('OPENAI_BASE_URL')
  const model = reader.text('OPENAI_MODEL')
  if (model !== undefined && llmKey === undefined && llmUrl === undefined) {
    reader.problems.push('OPENAI_MODEL is set, but neither OPENAI_API_KEY nor OPENAI_BASE_URL: set one of them too')
  }

  const apolloKey = reader.secret('APOLLO_API_KEY')
  const apolloUrl = reader.url('APOLLO_BASE_URL')
  reader.needs('APOLLO_BASE_URL', 'APOLLO_API_KEY')

  const avinodeToken = reader.secret('AVINODE_API_TOKEN')
  const avinodeAccess = reader.secret('AVINODE_ACCESS_TOKEN')
  const avinodeUrl = reader.url('AVINODE_BASE_URL')
  reader.needs('AVINODE_ACCESS_TOKEN', 'AVINODE_API_TOKEN')
  reader.needs('AVINODE_BASE_URL', 'AVINODE_API_TOKEN')
  if (avinodeToken !== undefined && avinodeAccess === undefined) {
    reader.warnings.push('AVINODE_ACCESS_TOKEN is not set; Avinode refuses calls without it')
  }

  return {
    n8n:
      webhook === undefined
        ? address(at(1, '/webhook/charter-desk'), SANDBOX_CREDENTIALS, { authHeader: N8N_DEFAULTS.authHeader }, true)
        : address(webhook, { apiKey: n8nKey }, { authHeader }, false),
    llm:
      llmKey === undefined && llmUrl === undefined
        ? address(at(2, '/v1'), SANDBOX_CREDENTIALS, { model: 'sandbox-model' }, true)
        : address(llmUrl ?? 'https://api.openai.com/v1', { apiKey: llmKey }, { model: model ?? 'gpt-5-mini' }, false),
    apollo:
      apolloKey === undefined
        ? address(at(3, '/api/v1'), SANDBOX_CREDENTIALS, {}, true)
        : address(apolloUrl ?? APOLLO_BASE_URL, { apiKey: apolloKey }, {}, false),
    avinode:
      avinodeToken === undefined
        ? address(at(4, '/api'), SANDBOX_CREDENTIALS, product === undefined ? {} : { product }, true)
        : address(
            avinodeUrl ?? AVINODE_BASE_URL,
            { apiKey: avinodeToken, accessToken: avinodeAccess },
            product === undefined ? {} : { product },
            false,
          ),
  }
}
