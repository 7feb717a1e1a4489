/*
 * What connectors remember writes with, for services that know no idempotency keys.
 */
export { createWriteMemory, WRITE_MEMORY_DEFAULTS } from './write-memory.ts'
export type { RememberedWrite, WriteMemory, WriteMemoryOptions } from './write-memory.ts'
