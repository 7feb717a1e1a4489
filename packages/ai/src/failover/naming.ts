import { invalid, named } from '../errors/invalid-options.ts'

/** What of a model its name is made of. */
interface Named {
  readonly provider: string
  readonly modelId: string
}

/**
 * The name of a member: the given one, or made of provider, model and credential: `openai.chat` and `gpt-5.1` become `openai-chat-gpt-5-1`.
 *
 * @throws HoldfastError INVALID_OPTION when the name or the credential cannot be used.
 */
export function nameOf(
  { provider, modelId }: Named,
  { name, credential }: { readonly name?: string | undefined; readonly credential?: string | undefined },
  at: string,
): string {
  if (credential !== undefined && !/^[a-z0-9-]{1,32}$/.test(credential)) {
    throw invalid(
      `${at}.credential`,
      '1 to 32 lower-case letters, digits and "-" (a label, not the key)',
      '(not shown)',
    )
  }
  const chosen = name ?? slug([provider, modelId, credential].filter((word) => word !== undefined).join('-'))
  return named(`${at}.name`, chosen)
}

function slug(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 64)
}

/** @throws HoldfastError INVALID_OPTION when two members have the same name. */
export function distinct<Member extends { readonly name: string }>(members: readonly Member[]): readonly Member[] {
  const names = new Set<string>()
  for (const [index, { name }] of members.entries()) {
    if (names.has(name)) throw invalid(`models[${index}].name`, 'a name, or a credential, that no other has', name)
    names.add(name)
  }
  return Object.freeze(members)
}
