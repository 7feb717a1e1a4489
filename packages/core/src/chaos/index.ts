export { createChaos } from './chaos.ts'
export type { ChaosSwitch } from './chaos.ts'
export type { ChaosFault, ChaosOptions } from './options.ts'
