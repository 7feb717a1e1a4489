import type { World } from '../world/world.ts'

/** Kinds of records. */
const TYPES = ['contacts', 'companies', 'deals'] as const
export type CrmType = (typeof TYPES)[number]

/** The property of each kind that no two records share. */
export const UNIQUE: Readonly<Record<CrmType, string>> = { contacts: 'email', companies: 'desk_id', deals: 'desk_id' }

/** The property with the time of the last change, which contacts call otherwise. */
const MODIFIED: Readonly<Record<CrmType, string>> = {
  contacts: 'lastmodifieddate',
  companies: 'hs_lastmodifieddate',
  deals: 'hs_lastmodifieddate',
}

/** A record. */
export interface CrmRecord {
  readonly id: string
  readonly type: CrmType
  readonly properties: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly updatedAt: string
}

/** Whether a word is a kind of record. */
export function isType(word: string | undefined): word is CrmType {
  return (TYPES as readonly (string | undefined)[]).includes(word)
}

/** The account's records: invented ones, and the newest of those that were created. */
export class Crm {
  readonly #records = new Map<string, CrmRecord>()
  readonly #associations = new Map<string, Set<string>>()
  readonly #now: () => number
  readonly #maxRecords: number
  #created = 0

  constructor(
    { people, organisations }: Pick<World, 'people' | 'organisations'>,
    now: () => number,
    maxRecords = 10_000,
  ) {
    this.#now = now
    this.#maxRecords = maxRecords
    const companies = new Map(
      organisations.slice(0, 100).map((company, index) => [
        company.id,
        this.create('companies', {
          name: company.name,
          domain: company.domain,
          industry: company.industry,
          city: company.place.city,
          desk_id: `company-${index + 1}`,
        }),
      ]),
    )
    for (const person of people.slice(0, 200)) {
      const contact = this.create('contacts', {
        email: person.email,
        firstname: person.firstName,
        lastname: person.lastName,
        jobtitle: person.title,
        company: person.organisation.name,
        city: person.place.city,
      })
      const company = companies.get(person.organisation.id)
      if (company !== undefined) this.associate(contact, company)
    }
    for (let index = 1; index <= 20; index += 1) {
      this.create('deals', {
        dealname: `Charter ${index}`,
        amount: String(8_000 + index * 1_500),
        dealstage: index % 4 === 0 ? 'closedwon' : 'appointmentscheduled',
        desk_id: `deal-${index}`,
        deal_currency_code: 'USD',
        vendor: 'Avinode',
        vendor_quote_id: `AV-${1_000 + index}`,
      })
    }
  }

  create(type: CrmType, properties: Readonly<Record<string, string>>): CrmRecord {
    this.#created += 1
    const id = String(100_000 + this.#created)
    const at = new Date(this.#now()).toISOString()
    const record = {
      id,
      type,
      properties: { ...properties, createdate: at, [MODIFIED[type]]: at },
      createdAt: at,
      updatedAt: at,
    }
    this.#records.set(`${type}/${id}`, record)
    for (const [oldest] of this.#records) {
      if (this.#records.size <= this.#maxRecords) break
      this.#forget(oldest)
    }
    return record
  }

  /** A record, by its id or by the value of a property, whose letter case does not count. */
  get(type: CrmType, id: string, property?: string): CrmRecord | undefined {
    if (property === undefined) return this.#records.get(`${type}/${id}`)
    const wanted = id.toLowerCase()
    return this.list(type).find(({ properties }) => wanted !== '' && properties[property]?.toLowerCase() === wanted)
  }

  update(record: CrmRecord, properties: Readonly<Record<string, string>>): CrmRecord {
    const updatedAt = new Date(this.#now()).toISOString()
    const all = { ...record.properties, ...properties, [MODIFIED[record.type]]: updatedAt }
    const updated = { ...record, properties: all, updatedAt }
    this.#records.set(`${record.type}/${record.id}`, updated)
    return updated
  }

  list(type: CrmType): CrmRecord[] {
    return [...this.#records.values()].filter((record) => record.type === type)
  }

  /** Says of two that they belong together; both ways. */
  associate(a: CrmRecord, b: CrmRecord): void {
    const [one, other] = [`${a.type}/${a.id}`, `${b.type}/${b.id}`]
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const known = this.#associations.get(from) ?? new Set()
      this.#associations.set(from, known.add(to))
    }
  }

  associated(record: CrmRecord, type: CrmType): CrmRecord[] {
    const keys = this.#associations.get(`${record.type}/${record.id}`) ?? []
    return [...keys].flatMap((key) => (key.startsWith(`${type}/`) ? (this.#records.get(key) ?? []) : []))
  }

  #forget(key: string): void {
    this.#records.delete(key)
    for (const other of this.#associations.get(key) ?? []) this.#associations.get(other)?.delete(key)
    this.#associations.delete(key)
  }
}
