import type { Log } from '../http/context.ts'
import type { SyncEvent } from '../sync/events.ts'

/** Writes a line for each pull: the first that fails, and the first that goes well again, are for people; the rest is for debugging, but for what was refused. */
export function logSyncEvent(log: Log, { at: _, type, ...fields }: SyncEvent): void {
  const line = { event: type, ...fields }
  if ('failures' in fields)
    return log[fields.failures === 1 ? 'error' : 'warn'](
      line,
      'a source could not be pulled; the next pull goes on there',
    )
  if (fields.recovered) return log.info(line, 'a source is pulled again')
  if (fields.refused > 0) return log.warn(line, 'a source was pulled, but for what it has wrong')
  log.debug(line, 'a source was pulled')
}
