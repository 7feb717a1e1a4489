import type { Finding } from './check.ts'
import type { PathStep } from './locate.ts'
import type { HoldfastConfig, SyncKind, SyncKindOptions, SyncOptions, SyncSourceOptions } from './options.ts'
import { fieldsOf, kindOf, knownFields } from './sync-fields.ts'
import { nearestName } from './suggest.ts'

/** Of what a kind is known again: without it, a source's records would stay alone. */
const KEYS: Readonly<Record<SyncKind, readonly string[]>> = {
  client: ['email'],
  quote: ['vendor', 'vendorQuoteId'],
  aircraft: ['tailNumber'],
}

/** What must fit together where sources are brought together: with their kinds and fields, with each other, and with the tenants. */
export function syncFindings({ sync, desks = [], tenants }: HoldfastConfig): Finding[] {
  if (sync === undefined) return []
  if (desks.length === 0)
    return [{ path: ['sync'], message: 'needs one of `desks`: without any there is no store to keep it in' }]
  return [
    ...Object.entries(sync.sources).flatMap(([name, source]) => sourceFindings(name, source, sync, tenants)),
    ...Object.entries(sync.kinds ?? {}).flatMap(([kind, options]) => kindFindings(kind as SyncKind, options, sync)),
  ]
}

function sourceFindings(
  name: string,
  source: SyncSourceOptions,
  sync: SyncOptions,
  tenants: HoldfastConfig['tenants'],
): Finding[] {
  const path = ['sync', 'sources', name]
  const kind = kindOf(source)
  const known = knownFields(kind, sync)
  const told = fieldsOf(source)
  const findings = told
    .filter((field) => !known.includes(field))
    .map((field) => unknown([...path, 'fields', field], `field of ${kind}`, field, known))
  if (told.length === 0) findings.push({ path, message: `needs \`fields\`: which property has which field of ${kind}` })
  const missing = KEYS[kind].filter((key) => told.length > 0 && !told.includes(key))
  if (missing.length > 0) {
    const message = `needs ${missing.join(' and ')}, by which a ${kind} is known as the same in other sources`
    findings.push({ path: [...path, 'fields'], message })
  }
  if (source.from === 'google-sheets' && source.keyVariable !== undefined && source.spreadsheetId === undefined)
    findings.push({ path, message: 'needs a `spreadsheetId`: another account has other spreadsheets' })
  // Without `tenants`, those of the environment are all there are.
  const there = ['default', ...Object.keys(tenants ?? {})]
  source.tenants?.forEach((tenant, index) => {
    if (tenants !== undefined && !there.includes(tenant))
      findings.push(unknown([...path, 'tenants', index], 'tenant', tenant, there))
  })
  return findings
}

function kindFindings(kind: SyncKind, { trust, fields = {} }: SyncKindOptions, { sources }: SyncOptions): Finding[] {
  const path = ['sync', 'kinds', kind]
  const known = Object.entries(sources)
    .filter(([, source]) => kindOf(source) === kind)
    .map(([name]) => name)
  if (known.length === 0) return [{ path, message: `no source has anything of the kind ${kind}` }]
  const told = Object.values(sources).flatMap((source) => (kindOf(source) === kind ? fieldsOf(source) : []))
  return [
    ...trustFindings([...path, 'trust'], trust, known),
    ...Object.entries(fields).flatMap(([name, how]): Finding[] => {
      const at = [...path, 'fields', name]
      const own = typeof how === 'string' ? undefined : how.trust
      const isTold = told.includes(name)
      return [
        ...(isTold ? [] : [{ path: at, message: `no source says anything of it; they tell of ${names(told)}` }]),
        ...(isTrusted(how) && own === undefined && trust === undefined
          ? [{ path: at, message: 'is "trusted", so it needs an order of sources: `trust` here, or of the kind' }]
          : []),
        ...trustFindings([...at, 'trust'], own, known),
      ]
    }),
  ]
}

function isTrusted(how: NonNullable<SyncKindOptions['fields']>[string]): boolean {
  return (typeof how === 'string' ? how : how.strategy) === 'trusted'
}

function trustFindings(
  path: readonly PathStep[],
  trust: readonly string[] = [],
  known: readonly string[] = [],
): Finding[] {
  return trust.flatMap((name, index) => {
    if (trust.indexOf(name) < index) return [{ path: [...path, index], message: `names ${JSON.stringify(name)} twice` }]
    return known.includes(name) ? [] : [unknown([...path, index], 'source of this kind', name, known)]
  })
}

function unknown(path: readonly PathStep[], what: string, name: string, known: readonly string[]): Finding {
  const near = nearestName(name, known)
  const hint = near === undefined ? '' : `; is "${near}" meant?`
  return {
    path,
    message: `there is no ${what} named ${JSON.stringify(name.slice(0, 64))}; there are ${names(known)}${hint}`,
  }
}

function names(all: readonly string[]): string {
  return [...new Set(all)].join(', ') || 'none'
}
