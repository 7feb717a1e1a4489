import type { Turn, Understanding, UnderstandOptions } from '@holdfast/assistant-charter/understanding'

export type { Turn, Understanding } from '@holdfast/assistant-charter/understanding'

type Rules = typeof import('@holdfast/assistant-charter/understanding')

/** Reading takes about a millisecond, and those who load-test ask the same few questions over and over. */
const REMEMBERED = 500
const remembered = new Map<string, Understanding>()

let rules: Promise<Rules> | undefined

/** What a conversation asks for, as the charter desk's own rules read it. They are loaded with the first call. */
export async function understand(messages: readonly Turn[], options: UnderstandOptions): Promise<Understanding> {
  rules ??= import('@holdfast/assistant-charter/understanding')
  const { understand: read } = await rules
  const key = JSON.stringify([messages, Math.floor(options.now.getTime() / 60_000), options.timeZone])
  const known = remembered.get(key)
  if (known !== undefined) return known
  const understanding = read(messages, options)
  remembered.set(key, understanding)
  for (const oldest of remembered.keys()) {
    if (remembered.size <= REMEMBERED) break
    remembered.delete(oldest)
  }
  return understanding
}
