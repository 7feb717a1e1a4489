/** A token says by itself until when it is good. */
export function issueToken(number: number, expiresAt: number): string {
  return `sandbox-token-${number}-${expiresAt}`
}

/** Whether a token is good: any that is not ours is, as any key is here; one of ours until it expires. */
export function isGoodToken(token: string, now: number): boolean {
  const expiresAt = /^sandbox-token-\d+-(\d+)$/.exec(token)?.[1]
  return token !== '' && (expiresAt === undefined || now < Number(expiresAt))
}
