export { CHARTER_TIMES, charterAssistant } from './charter.ts'
export type { CharterOptions } from './charter.ts'
