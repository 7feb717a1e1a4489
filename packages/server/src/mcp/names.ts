import type { ServiceName } from '../environment/services.ts'

/** Connectors whose tools can be served. Apart from the tools, so that no command loads what it does not need. */
export const TOOL_SETS = [
  'avinode',
  'apollo',
  'teams',
  'email',
  'google-sheets',
  'google-calendar',
  'cal-com',
  'hubspot',
] as const
export type ToolSetName = (typeof TOOL_SETS)[number]

/** A connector's service goes by another name where its tools say what they are for. */
export function serviceOf(name: ToolSetName): ServiceName {
  return name === 'email' ? 'resend' : name
}
