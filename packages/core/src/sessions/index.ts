export { createSessions } from './sessions.ts'
export type { SessionOptions, Sessions, SessionsSnapshot } from './sessions.ts'
export { SESSIONS_DEFAULTS } from './options.ts'
export type { SessionEnd, SessionsOptions } from './options.ts'
