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
