export { charterAssistant } from './charter.ts'
export type { CharterOptions } from './charter.ts'
export { CHARTER_TIMES } from './times.ts'
