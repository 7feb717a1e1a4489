import { nextRuns } from '@holdfast/agents/jobs'
import { HoldfastError } from '@holdfast/core'
import { ConfigError } from '../config/check.ts'
import { CONFIG_FILE } from '../config/load.ts'
import { SYNC_OPTIONS_DEFAULTS } from '../config/options.ts'
import type { SyncOptions } from '../config/options.ts'

/** What the queue says of the schedules: a field of cron that is none, or a time that never comes. @throws ConfigError */
export function checkSchedules({ sources }: SyncOptions, now: Date): void {
  const problems = Object.entries(sources).flatMap(([name, source]) => {
    const { cron, timeZone } = { ...SYNC_OPTIONS_DEFAULTS, ...source }
    try {
      nextRuns(cron, timeZone, now, 1)
      return []
    } catch (error) {
      if (!HoldfastError.isInstance(error)) throw error
      return [
        {
          path: `sync.sources.${name}.cron`,
          line: undefined,
          message: `${error.message}; got ${JSON.stringify(cron)}`,
        },
      ]
    }
  })
  if (problems.length > 0) throw new ConfigError(CONFIG_FILE, problems)
}
