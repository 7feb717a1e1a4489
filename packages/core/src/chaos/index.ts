export { createChaos } from './chaos.ts'
export type { ChaosSwitch } from './chaos.ts'
export type { ChaosInjected } from './events.ts'
export type { ChaosFault, ChaosOptions } from './options.ts'
