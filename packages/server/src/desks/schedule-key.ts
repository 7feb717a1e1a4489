import { createHash } from 'node:crypto'

/** Queues take keys of 64 characters; longer ones are told apart by their hash. */
export function scheduleKey(owner: string, schedule: string): string {
  const key = `${owner}-${schedule}`
  return key.length <= 64 ? key : createHash('sha256').update(key).digest('hex').slice(0, 40)
}
