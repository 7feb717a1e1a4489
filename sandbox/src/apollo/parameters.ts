import { parseJson, type Received } from '../http/received.ts'

/** The parameters of a request; Apollo reads them from the query and from a JSON body alike. */
export interface Parameters {
  /** The first value of that name. */
  one(name: string): string | undefined
  /** All values of that name, with or without the brackets of a list. */
  list(name: string): string[]
}

/** Parameters of a request, wherever they are. */
export function readParameters(request: Received): Parameters {
  const body = parseJson(request.body)
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const list = (name: string): string[] => {
    const inBody = fields[name] ?? fields[`${name}[]`]
    const values: unknown[] = [
      ...request.query.getAll(`${name}[]`),
      ...request.query.getAll(name),
      ...(Array.isArray(inBody) ? (inBody as unknown[]) : [inBody]),
    ]
    return values.flatMap((value) => {
      const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      const text = plain ? String(value).trim() : ''
      return text === '' ? [] : [text]
    })
  }
  return { one: (name) => list(name)[0], list }
}

/** Parameters of an object, for lists of them in a body. */
export function parametersOf(fields: unknown): Parameters {
  return readParameters({
    method: 'POST',
    path: '',
    query: new URLSearchParams(),
    headers: {},
    body: JSON.stringify(fields),
  })
}
