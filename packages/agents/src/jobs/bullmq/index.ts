/*
 * Jobs on Redis, for a fleet, by BullMQ. Redis should keep what it is told (`appendonly yes`) and must not throw anything away (`maxmemory-policy noeviction`).
 *
 * Tried by hand with BullMQ 6.7 on Redis 7: without the settings below, adding a job while Redis is away waits for ever; of jobs with priorities 1 is the most urgent, and a job without one goes before
 * all of them; a wait by `waitUntilFinished` can find its job gone.
 */
export { bullmqDriver } from './bullmq-driver.ts'
export { BULLMQ_DEFAULTS } from './options.ts'
export type { BullmqDriverOptions } from './options.ts'
