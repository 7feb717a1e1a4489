/** A number of 32 bits that is always the same for the same text (FNV-1a with the finish of MurmurHash3). Not for secrets. */
export function hashOf(text: string, seed: number = 0x811c9dc5): number {
  let hash = seed
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return hash >>> 0
}
