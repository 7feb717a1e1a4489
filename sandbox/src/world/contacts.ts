import type { Person, Sequence } from './people.ts'

/** A person whom the desk has put into its own address book. */
export interface Contact {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly title: string
  readonly email: string
  readonly organisationName: string
  readonly personId: string | null
  readonly createdAt: string
  readonly sequenceIds: readonly string[]
}

/** The desk's own address book; the newest contacts only. */
export class AddressBook {
  readonly #contacts = new Map<string, Contact>()
  readonly #now: () => number
  readonly #maxContacts: number
  #created = 0

  constructor(now: () => number, maxContacts = 5_000) {
    this.#now = now
    this.#maxContacts = maxContacts
  }

  /** Adds a contact. */
  create(details: Omit<Contact, 'id' | 'createdAt' | 'sequenceIds'>): Contact {
    this.#created += 1
    const id = `66e34b81${this.#created.toString(16).padStart(16, '0')}`
    const contact = { ...details, id, createdAt: new Date(this.#now()).toISOString(), sequenceIds: [] }
    this.#contacts.set(id, contact)
    for (const oldest of this.#contacts.keys()) {
      if (this.#contacts.size <= this.#maxContacts) break
      this.#contacts.delete(oldest)
    }
    return contact
  }

  /** Adds a person of the database, or returns the contact that already has that address. */
  createFrom(person: Person): Contact {
    return (
      this.byEmail(person.email) ??
      this.create({
        firstName: person.firstName,
        lastName: person.lastName,
        title: person.title,
        email: person.email,
        organisationName: person.organisation.name,
        personId: person.id,
      })
    )
  }

  get(id: string): Contact | undefined {
    return this.#contacts.get(id)
  }

  byEmail(email: string): Contact | undefined {
    const wanted = email.toLowerCase()
    return this.list().find((contact) => contact.email.toLowerCase() === wanted)
  }

  /** All contacts, oldest first. */
  list(): Contact[] {
    return [...this.#contacts.values()]
  }

  /** Puts a contact into a sequence; once, however often it is asked. */
  enrol(contact: Contact, sequence: Sequence): Contact {
    if (contact.sequenceIds.includes(sequence.id)) return contact
    const enrolled = { ...contact, sequenceIds: [...contact.sequenceIds, sequence.id] }
    this.#contacts.set(contact.id, enrolled)
    return enrolled
  }
}
