/** The end of what a program has said of itself, without its secrets. */
export interface ErrorTail {
  push(text: string): void
  /** At most 4,000 characters. */
  text(): string
}

const MAX_CHARACTERS = 4_000

/** A secret that was cut in two by the limit must still be recognised. */
const KEPT_CHARACTERS = 16_000

/** Shorter ones are words that stand everywhere. */
const SHORTEST_SECRET = 6

/** @param secrets replaced by `[secret]`. */
export function createErrorTail(secrets: readonly string[]): ErrorTail {
  const hidden = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    // The longest first, in case one is a part of another.
    .toSorted((a, b) => b.length - a.length)
  let kept = ''
  return {
    push(text) {
      kept = (kept + text).slice(-KEPT_CHARACTERS)
    },
    text() {
      return hidden.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), kept).slice(-MAX_CHARACTERS)
    },
  }
}
