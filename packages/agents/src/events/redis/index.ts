/** Signs of events by Redis, for the processes of a fleet; the events themselves stay in the database. */
export { redisSigns } from './redis-signs.ts'
export type { RedisSigns } from './redis-signs.ts'
export { REDIS_SIGNS_DEFAULTS } from './options.ts'
export type { RedisSignsOptions } from './options.ts'
