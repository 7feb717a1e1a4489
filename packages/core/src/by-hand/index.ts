export { enter } from './enter.ts'
export type { EnterOptions, Entry } from './enter.ts'
