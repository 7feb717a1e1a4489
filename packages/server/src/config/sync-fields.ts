import type { HubSpotSourceOptions, SheetSourceOptions, SyncKind, SyncOptions, SyncSourceOptions } from './options.ts'

/** The fields of each kind, as `CHARTER_KINDS` has them; a test holds the two together. They are named here so that a configuration is checked without what runs it. */
export const KIND_FIELDS: Readonly<Record<SyncKind, readonly string[]>> = Object.freeze({
  client: Object.freeze(['email', 'name', 'phone', 'company', 'preferences', 'tags']),
  quote: Object.freeze([
    'vendor',
    'vendorQuoteId',
    'tailNumber',
    'price',
    'currency',
    'passengers',
    'seats',
    'departsAt',
    'arrivesAt',
  ]),
  aircraft: Object.freeze(['tailNumber', 'model', 'operator', 'seats', 'base', 'amenities']),
})

/** What HubSpot calls them where the configuration does not say it. */
const CONTACT: NonNullable<HubSpotSourceOptions['fields']> = Object.freeze({
  email: 'email',
  name: Object.freeze(['firstname', 'lastname']),
  phone: 'phone',
  company: 'company',
})

/** What the records of a source are of. The store has clients alone. */
export function kindOf(source: SyncSourceOptions): SyncKind {
  return source.from === 'store' ? 'client' : (source.kind ?? 'client')
}

/** The properties of HubSpot by field; none where they are to be said. */
export function propertiesOf({
  fields,
  kind = 'client',
  type = 'contacts',
}: HubSpotSourceOptions): Readonly<Record<string, readonly string[]>> {
  const named = fields ?? (kind === 'client' && type === 'contacts' ? CONTACT : {})
  return Object.fromEntries(Object.entries(named).map(([name, of]) => [name, [of].flat()]))
}

/** The fields that a source tells of. */
export function fieldsOf(source: SyncSourceOptions): readonly string[] {
  switch (source.from) {
    case 'store':
      return ['email', 'name', 'phone']
    case 'google-sheets':
      return Object.keys((source satisfies SheetSourceOptions).fields)
    case 'hubspot':
      return Object.keys(propertiesOf(source))
  }
}

/** The fields of a kind with those that the configuration adds. */
export function knownFields(kind: SyncKind, { kinds = {} }: Pick<SyncOptions, 'kinds'>): readonly string[] {
  return [...new Set([...KIND_FIELDS[kind], ...Object.keys(kinds[kind]?.fields ?? {})])]
}
