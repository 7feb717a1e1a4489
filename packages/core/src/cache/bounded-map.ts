/** Sets a key last in its map. @returns what was set first and is forgotten now, when the map would hold more than `most`. */
export function setLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): Value | undefined {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) {
    for (const [oldest, lost] of map) {
      map.delete(oldest)
      return lost
    }
  }
  return undefined
}
