import type { Turn, Understanding, UnderstandOptions } from '@holdfast/assistant-charter/understanding'

export type { Turn, Understanding } from '@holdfast/assistant-charter/understanding'

type Rules = typeof import('@holdfast/assistant-charter/understanding')

let rules: Promise<Rules> | undefined

/** What a conversation asks for, as the charter desk's own rules read it. They are loaded with the first call. */
export async function understand(messages: readonly Turn[], options: UnderstandOptions): Promise<Understanding> {
  rules ??= import('@holdfast/assistant-charter/understanding')
  return (await rules).understand(messages, options)
}
