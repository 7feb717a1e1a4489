import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BACKED_UP, NOT_BACKED_UP } from '../../../src/database/backup/format.ts'
import type { Opened } from '../opened.ts'

const source = readFileSync(new URL('../../../src/database/schema.ts', import.meta.url), 'utf8')

/** What the types of a column may be called in TypeScript. */
const TYPES: Readonly<Record<string, RegExp>> = {
  text: /^(string|GivenText|'.*')$/,
  uuid: /^(string|GivenText)$/,
  'timestamp with time zone': /^(Date|KeptTime)$/,
  integer: /^number$/,
  bigint: /^(BigintColumn|OptionalBigintColumn|string)$/,
  jsonb: /Json\w*Column\w*$/,
  xid8: /^GivenText$/,
  ARRAY: /^string\[\]$/,
}

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly nullable: boolean
  readonly given: boolean
}

/** The interfaces, read as text: the types are gone when a test runs. */
function declared(): Column[] {
  const interfaces = new Map(
    [...source.matchAll(/export interface (\w+) \{([\s\S]*?)\n\}/g)].map(([, name = '', body = '']) => [
      name,
      `${body}\n`,
    ]),
  )
  return [...(interfaces.get('Schema') ?? '').matchAll(/readonly (\w+): (\w+)/g)].flatMap(([, table = '', name = '']) =>
    [...(interfaces.get(name) ?? '').matchAll(/readonly (\w+): ([^/]*?)\n(?= {2}(?:readonly|\/\*\*)|$)/g)].map(
      ([, column = '', written = '']) => {
        const text = written.replaceAll(/\s+/g, ' ').trim()
        const bare = text
          .replace(/^Generated(?:Always)?<(.*)>$/, '$1')
          .replace(/^ColumnType<(\w+),.*$/, '$1')
          .trim()
        return {
          table,
          column,
          type: bare.replace(/ \| null$/, ''),
          nullable: bare.endsWith(' | null') || bare.startsWith('Optional'),
          given: /^(Generated|GivenText|KeptTime|\w+WithDefault)/.test(text),
        }
      },
    ),
  )
}

/** The types of the program are those of the database. */
export function schema(opened: () => Opened): void {
  describe('the schema', () => {
    it('has every table and column that the types have, and no other, each of its type', async () => {
      const found = await opened().query(
        `select table_name as table, column_name as column, data_type as type, is_nullable = 'YES' as nullable,
           column_default is not null or is_identity = 'YES' as given
         from information_schema.columns where table_schema = 'holdfast'`,
      )
      const written = declared()
      const name = ({ table, column }: { readonly table?: unknown; readonly column?: unknown }) =>
        `${String(table)}.${String(column)}`
      expect(written.map(name).toSorted()).toEqual(found.map(name).toSorted())
      const wrong = written.flatMap((one) => {
        const real = found.find((other) => name(other) === name(one)) as unknown as Column
        const fits = TYPES[real.type]?.test(one.type) === true && real.nullable === one.nullable
        // What the database alone may say needs no default of the caller's.
        const given = real.given || (real.table === 'migrations' && one.given)
        return fits && given === one.given ? [] : [{ one, real }]
      })
      expect(wrong).toEqual([])
    })

    it('is backed up whole', async () => {
      const found = await opened().query("select tablename from pg_tables where schemaname = 'holdfast'")
      expect([...BACKED_UP, 'migrations'].toSorted()).toEqual(
        found.map(({ tablename }) => String(tablename)).toSorted(),
      )
      expect(NOT_BACKED_UP).toEqual(['events.xid'])
    })

    it('allows the words that the types allow', async () => {
      const checks = await opened().query(
        `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as text from pg_constraint
         where connamespace = 'holdfast'::regnamespace and contype = 'c' and pg_get_constraintdef(oid) like '%ARRAY%'`,
      )
      const allowed = checks.map(({ table, text }) => {
        const words = [...String(text).matchAll(/'([a-z-]+)'::text/g)].map(([, word]) => word)
        const column = /\((\w+) = ANY/.exec(String(text))?.[1] ?? ''
        return `${String(table).replace('holdfast.', '')}.${column}: ${words.join('|')}`
      })
      const typed = declared().flatMap(({ table, column, type }) =>
        type.startsWith("'") || type.startsWith('|')
          ? [`${table}.${column}: ${[...type.matchAll(/'([a-z-]+)'/g)].map(([, word]) => word).join('|')}`]
          : [],
      )
      expect(allowed.toSorted()).toEqual(typed.toSorted())
    })
  })
}
