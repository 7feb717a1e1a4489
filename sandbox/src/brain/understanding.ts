/** What a conversation asks for, as the charter desk's own rules read it. */
export interface Understanding {
  readonly intent: string
  readonly language: string
  readonly segments: readonly {
    readonly from?: string
    readonly to?: string
    readonly date?: string
    readonly time?: string
  }[]
  readonly passengers?: number
  readonly category?: string
  readonly people?: {
    readonly titles: readonly string[]
    readonly seniorities: readonly string[]
    readonly locations: readonly string[]
    readonly keywords: readonly string[]
    readonly organisations: readonly string[]
  }
  readonly person?: { readonly name?: string; readonly email?: string; readonly organisation?: string }
  readonly organisation?: {
    readonly name?: string
    readonly locations: readonly string[]
    readonly keywords: readonly string[]
  }
  readonly sequence?: { readonly name?: string; readonly emails: readonly string[] }
  readonly quoteRequestId?: string
  readonly fleet?: { readonly base?: string; readonly operator?: string }
  readonly missing: readonly string[]
}

/** One thing that was said. */
export interface Said {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

interface UnderstandingModule {
  understand(messages: readonly Said[], options: { readonly now: Date; readonly timeZone: string }): Understanding
}

let loaded: Promise<UnderstandingModule> | undefined

/** Reads a conversation. The rules are loaded with the first call. */
export async function understand(
  messages: readonly Said[],
  options: { readonly now: Date; readonly timeZone: string },
): Promise<Understanding> {
  loaded ??= import('@holdfast/assistant-charter/understanding') as Promise<UnderstandingModule>
  return (await loaded).understand(messages, options)
}
