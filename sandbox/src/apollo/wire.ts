import type { Contact } from '../world/contacts.ts'
import type { Organisation, Person, Sequence } from '../world/people.ts'

const REFRESHED_AT = '2026-11-02T08:30:00.000+00:00'

/** A row of the people search: no addresses, the last name hidden. */
export function foundPerson(person: Person): unknown {
  return {
    id: person.id,
    first_name: person.firstName,
    last_name_obfuscated: `${person.lastName.slice(0, 2)}***${person.lastName.slice(-1)}`,
    title: person.title,
    last_refreshed_at: REFRESHED_AT,
    has_email: true,
    has_city: true,
    has_state: true,
    has_country: true,
    has_direct_phone: 'Maybe: please request direct dial via people/bulk_match',
    organization: {
      name: person.organisation.name,
      has_industry: true,
      has_phone: false,
      has_city: true,
      has_state: true,
      has_country: true,
      has_zip_code: false,
      has_revenue: false,
      has_employee_count: true,
    },
  }
}

/** A person as enrichment shows one. */
export function person(one: Person): unknown {
  const name = `${one.firstName} ${one.lastName}`
  return {
    id: one.id,
    first_name: one.firstName,
    last_name: one.lastName,
    name,
    linkedin_url: null,
    title: one.title,
    email_status: 'verified',
    photo_url: null,
    twitter_url: null,
    github_url: null,
    facebook_url: null,
    extrapolated_email_confidence: null,
    headline: `${one.title} at ${one.organisation.name}`,
    email: one.email,
    organization_id: one.organisation.id,
    employment_history: [
      {
        id: one.id,
        current: true,
        organization_id: one.organisation.id,
        organization_name: one.organisation.name,
        start_date: '2021-03-01',
        end_date: null,
        title: one.title,
      },
    ],
    state: one.place.state,
    city: one.place.city,
    country: one.place.country,
    organization: organisation(one.organisation),
    revealed_for_current_team: true,
    is_likely_to_engage: true,
    departments: [one.department],
    subdepartments: [],
    functions: [],
    seniority: one.seniority,
  }
}

/** A company. */
export function organisation(one: Organisation): unknown {
  return {
    id: one.id,
    name: one.name,
    website_url: `http://www.${one.domain}`,
    blog_url: null,
    linkedin_url: null,
    twitter_url: null,
    facebook_url: null,
    primary_phone: {},
    languages: ['English'],
    phone: null,
    founded_year: one.foundedYear,
    publicly_traded_symbol: null,
    publicly_traded_exchange: null,
    logo_url: null,
    primary_domain: one.domain,
    industry: one.industry,
    keywords: one.keywords,
    estimated_num_employees: one.employees,
    city: one.place.city,
    state: one.place.state,
    country: one.place.country,
    owned_by_organization_id: null,
  }
}

/** A contact of the account's own address book. */
export function contact(one: Contact): unknown {
  return {
    contact_roles: [],
    id: one.id,
    first_name: one.firstName,
    last_name: one.lastName,
    name: `${one.firstName} ${one.lastName}`.trim(),
    linkedin_url: null,
    title: one.title,
    person_id: one.personId,
    organization_name: one.organisationName,
    source: 'api',
    original_source: 'api',
    organization_id: null,
    created_at: one.createdAt,
    updated_at: one.createdAt,
    emailer_campaign_ids: one.sequenceIds,
    contact_campaign_statuses: one.sequenceIds.map((id) => ({ emailer_campaign_id: id, status: 'active' })),
    email_status: 'verified',
    email: one.email,
    email_unsubscribed: null,
    label_ids: [],
    typed_custom_fields: {},
  }
}

/** An outreach sequence. */
export function sequence(one: Sequence): unknown {
  return {
    id: one.id,
    name: one.name,
    archived: false,
    created_at: one.createdAt,
    emailer_schedule_id: '6095a711bd01d100a506d52a',
    max_emails_per_day: null,
    user_id: '66302798d03b9601c7934ebf',
    label_ids: [],
    active: one.active,
    mark_finished_if_reply: true,
    last_used_at: null,
    creation_type: 'new',
    num_steps: one.steps,
    unique_scheduled: 0,
    unique_delivered: 0,
    unique_bounced: 0,
    unique_opened: 0,
    unique_replied: 0,
    loaded_stats: true,
  }
}
