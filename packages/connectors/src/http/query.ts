/** A value of a query: a list is written as its name, repeated. `undefined` is left out. */
export type QueryValue = string | number | boolean | readonly (string | number | boolean)[] | undefined

/** Names and values of a query. A name that ends in `[]` keeps the brackets as they are, as Rails-style APIs document them. */
export type Query = Readonly<Record<string, QueryValue>>

/** Writes a query with its `?`, or nothing when it is empty. */
export function queryString(query: Query | undefined): string {
  if (query === undefined) return ''
  const pairs: string[] = []
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    const key = encodeURIComponent(name).replace(/%5B/g, '[').replace(/%5D/g, ']')
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      pairs.push(`${key}=${encodeURIComponent(String(one))}`)
    }
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
