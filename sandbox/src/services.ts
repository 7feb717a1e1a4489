/** The stand-ins, in the order of their ports. */
export const SERVICES = ['n8n', 'llm', 'apollo', 'avinode'] as const

/** The name of a stand-in. */
export type Service = (typeof SERVICES)[number]

/** Where clients of each stand-in point: appended to its origin. */
export const SERVICE_PATHS: Readonly<Record<Service, string>> = {
  n8n: '/webhook/charter-desk',
  llm: '/v1',
  apollo: '/api/v1',
  avinode: '/api',
}
