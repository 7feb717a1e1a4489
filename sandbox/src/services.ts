/** The stand-ins. Those with a port of their own come first, in the order of their ports. */
export const SERVICES = [
  'n8n',
  'llm',
  'apollo',
  'avinode',
  'anthropic',
  'google-auth',
  'google-sheets',
  'hubspot',
  'google-calendar',
  'cal-com',
  'resend',
  'teams',
] as const

/** The name of a stand-in. */
export type Service = (typeof SERVICES)[number]

/** Where clients of each stand-in point: appended to its origin. */
export const SERVICE_PATHS: Readonly<Record<Service, string>> = {
  n8n: '/webhook/charter-desk',
  llm: '/v1',
  apollo: '/api/v1',
  avinode: '/api',
  anthropic: '/v1',
  'google-auth': '/google-auth/token',
  'google-sheets': '/google-sheets',
  hubspot: '/hubspot',
  'google-calendar': '/google-calendar',
  'cal-com': '/cal-com/v2',
  resend: '/resend',
  teams: '/teams/workflow',
}

/** The guests: stand-ins without a port of their own, and whose port they are found at. */
const HOSTS: Readonly<Partial<Record<Service, Service>>> = {
  anthropic: 'llm',
  'google-auth': 'apollo',
  'google-sheets': 'apollo',
  hubspot: 'apollo',
  'google-calendar': 'apollo',
  'cal-com': 'apollo',
  resend: 'apollo',
  teams: 'apollo',
}

/** The stand-in at whose port a stand-in is found: itself, or its host. */
export function hostOf(service: Service): Service {
  return HOSTS[service] ?? service
}
