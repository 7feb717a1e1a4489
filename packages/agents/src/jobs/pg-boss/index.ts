/*
 * Jobs on PostgreSQL, inside the process (PGlite) or on a server, by pg-boss.
 *
 * Tried by hand with pg-boss 12.34: what is said below of its priorities, policies, dead letters and notifications. Its tables are read in three places that it has no call for: dead letters by
 * their time, jobs whose children have failed, and counts. So its version is pinned.
 */
export { pgBossDriver, PG_BOSS_DEFAULTS } from './pg-boss-driver.ts'
export type { PgBossDriverOptions, Pglite } from './options.ts'
