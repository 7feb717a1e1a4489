import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DELIVERY_DEFAULTS } from '../src/delivery/index.ts'
import { TICKET_DESK_DEFAULTS } from '../src/tickets/index.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/store/delivery.md')
const source = (path: string): string => read(`../src/${path}.ts`)
const rows = [...reference.matchAll(/^\| `(\w+)`[^|]*\|([^|]*)\|([^|]*)\|/gm)].map(
  ([, option = '', standard = '', range = '']) => ({ option, standard, range }),
)

describe('the reference of deliveries and tickets', () => {
  it.each([
    ...Object.entries(DELIVERY_DEFAULTS).map((entry) => ['delivery/options', ...entry] as const),
    ...Object.entries(TICKET_DESK_DEFAULTS).map((entry) => ['tickets/ticket-desk', ...entry] as const),
  ])('tells default and range as %s does: %s', (path, option, value) => {
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source(path))?.[1] ?? ''
    const told = typeof value === 'number' ? value.toLocaleString('en-US') : `\`${value}\``
    expect(comment).toContain(`Default: ${told}`)
    const row = rows.find((one) => one.option === option)
    expect(row?.standard).toContain(told)
    const range = /\S+ to [\d,]+/.exec(comment)?.[0]
    expect(range).toBeDefined()
    expect(row?.range).toContain(range)
  })

  it('lists every event, and no other', () => {
    const made = [...source('delivery/events').matchAll(/'(delivery-[a-z-]+)'/g)].map(([, type = '']) => type)
    const listed = [...reference.matchAll(/^\| `(delivery-[a-z-]+)`/gm)].map(([, type = '']) => type)
    expect(listed.toSorted()).toEqual([...new Set(made)].toSorted())
  })

  it('lists every error with its category, and no other', () => {
    const code = /code: '([A-Z_]+)',\s+category: '([a-z-]+)'/g
    const made = ['delivery/options', 'delivery/create-delivery', 'tickets/ticket-desk'].flatMap((path) =>
      [...source(path).matchAll(code)].map(([, name, category]) => `${name} ${category}`),
    )
    // The one of the journal's that they share.
    if (source('delivery/options').includes("invalid('INVALID_OPTION'")) made.push('INVALID_OPTION validation')
    const listed = [...reference.matchAll(/^\| `([A-Z_]+)`\s*\| `([a-z-]+)`/gm)].map(
      ([, name, category]) => `${name} ${category}`,
    )
    expect(listed.toSorted()).toEqual([...new Set(made)].toSorted())
  })
})
