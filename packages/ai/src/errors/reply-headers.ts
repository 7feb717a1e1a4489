import type { HeadersLike } from '@holdfast/core'

/** How many causes deep to look for the headers of a reply. */
const DEEPEST_CAUSE = 5

/** The headers of the reply behind an error, where the SDK keeps them. */
export function headersOf(thrown: unknown): HeadersLike | undefined {
  try {
    let at = thrown as { readonly [name: string]: unknown } | undefined | null
    for (let depth = 0; typeof at === 'object' && at !== null && depth < DEEPEST_CAUSE; depth++) {
      const headers = at['responseHeaders'] ?? at['headers']
      if (typeof headers === 'object' && headers !== null) return headers as HeadersLike
      at = (at['lastError'] ?? at['cause']) as typeof at
    }
  } catch {
    // A getter of the error threw.
  }
  return undefined
}

/** What the reply behind an error says of asking again (`x-should-retry`, of OpenAI and Anthropic). `undefined` where it says nothing. */
export function shouldRetry(thrown: unknown): boolean | undefined {
  const headers = headersOf(thrown)
  if (headers === undefined) return undefined
  const fields = headers instanceof Headers ? [...headers] : Object.entries(headers)
  const [, told] = fields.find(([name]) => name.toLowerCase() === 'x-should-retry') ?? []
  return told === 'true' ? true : told === 'false' ? false : undefined
}
