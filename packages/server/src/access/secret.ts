import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new token that cannot be guessed. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url')
}

/** A secret that can be compared without telling by the time it takes how much of it was right. */
export interface SecretMatcher {
  matches(presented: string): boolean
}

/** Keeps only a digest, so that the comparison is of equal lengths whatever came. */
export function secretMatcher(secret: string): SecretMatcher {
  const expected = digest(secret)
  return { matches: (presented) => timingSafeEqual(expected, digest(presented)) }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}
