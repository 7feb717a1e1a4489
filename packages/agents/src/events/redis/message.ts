import type { SignedTopic } from '@holdfast/store/database'

/** What goes through Redis: who sends it, and where there is something to see; `undefined`: all have to look. */
export interface SignMessage {
  readonly from: string
  readonly topics: readonly SignedTopic[] | undefined
}

/** Longer ones are nobody's of ours. */
const MAX_LENGTH = 2_000_000

export function writeMessage({ from, topics }: SignMessage): string {
  return JSON.stringify([from, topics?.map(({ tenant, topic }) => [tenant, topic]) ?? null])
}

/** @returns `undefined` for what is none: anybody who gets at the Redis can send something. */
export function readMessage(text: string): SignMessage | undefined {
  if (text.length > MAX_LENGTH) return undefined
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(read)) return undefined
  const [from, topics] = read as readonly unknown[]
  if (typeof from !== 'string') return undefined
  if (topics === null) return { from, topics: undefined }
  if (!Array.isArray(topics)) return undefined
  const signed = topics.map(topicIn)
  return signed.includes(undefined) ? undefined : { from, topics: signed as readonly SignedTopic[] }
}

function topicIn(pair: unknown): SignedTopic | undefined {
  if (!Array.isArray(pair)) return undefined
  const [tenant, topic] = pair as readonly unknown[]
  return typeof tenant === 'string' && typeof topic === 'string' ? { tenant, topic } : undefined
}
