/** What a variable of the environment is for. */
interface Variable {
  readonly purpose: string
  /** Whether its value must never be shown. */
  readonly secret?: true
}

/** The name of a variable the server reads. */
export type VariableName =
  | 'PORT'
  | 'HOST'
  | 'SANDBOX_PORT'
  | 'HOLDFAST_ADMIN_TOKEN'
  | 'HOLDFAST_API_KEYS'
  | 'HOLDFAST_URL'
  | 'DATABASE_URL'
  | 'MIGRATION_DATABASE_URL'
  | 'REDIS_URL'
  | 'HOLDFAST_ACCOUNT'
  | 'HOLDFAST_HOOK_TOKEN'
  | 'HOLDFAST_ENCRYPTION_KEY'
  | 'N8N_WEBHOOK_URL'
  | 'N8N_API_KEY'
  | 'N8N_AUTH_HEADER'
  | 'OPENAI_API_KEY'
  | 'OPENAI_BASE_URL'
  | 'OPENAI_MODEL'
  | 'APOLLO_API_KEY'
  | 'APOLLO_BASE_URL'
  | 'AVINODE_API_TOKEN'
  | 'AVINODE_ACCESS_TOKEN'
  | 'AVINODE_BASE_URL'
  | 'AVINODE_PRODUCT'
  | 'GOOGLE_SERVICE_ACCOUNT_KEY'
  | 'GOOGLE_SUBJECT'
  | 'GOOGLE_SHEETS_SPREADSHEET_ID'
  | 'GOOGLE_SHEETS_BASE_URL'
  | 'GOOGLE_CALENDAR_ID'
  | 'GOOGLE_CALENDAR_BASE_URL'
  | 'CALCOM_API_KEY'
  | 'CALCOM_BASE_URL'
  | 'CALCOM_EVENT_TYPE_ID'
  | 'HUBSPOT_ACCESS_TOKEN'
  | 'HUBSPOT_BASE_URL'
  | 'HUBSPOT_API_VERSION'
  | 'HUBSPOT_TIME_ZONE'
  | 'RESEND_API_KEY'
  | 'RESEND_BASE_URL'
  | 'SMTP_URL'
  | 'EMAIL_FROM'
  | 'TEAMS_WEBHOOK_URL'
  | 'ONCALL_WEBHOOK_URL'
  | 'ONCALL_WEBHOOK_SECRET'
  | 'ONCALL_WEBHOOK_HEADER'
  | 'ONCALL_WEBHOOK_FORMAT'

/**
 * Every variable the server reads. `docs/guides/configuration.md` and `.env.example` list the same; a test holds them
 * together.
 */
export const VARIABLES: Readonly<Record<VariableName, Variable>> = {
  PORT: { purpose: 'Port of the server. Default: 4600.' },
  HOST: { purpose: 'Address the server is bound to. Default: 127.0.0.1.' },
  SANDBOX_PORT: { purpose: 'Port of the sandbox; its services use the four after it. Default: 4700.' },
  HOLDFAST_ADMIN_TOKEN: {
    purpose: 'Token for /admin, 16 characters or more. Made at every start when it is not set.',
    secret: true,
  },
  HOLDFAST_API_KEYS: { purpose: 'API keys for /v1 and /chat: tenant:key,tenant:key.', secret: true },
  HOLDFAST_URL: {
    purpose: 'Where `npm run holdfast -- status` and `-- reset` find the server. Default: from HOST and PORT.',
  },
  DATABASE_URL: {
    purpose:
      'PostgreSQL, for the desks, `work`, `backup`, `restore` and `mcp`. Default: the embedded store in .data/store.',
    secret: true,
  },
  MIGRATION_DATABASE_URL: {
    purpose: 'The same with the user who makes the tables, and may see all of them. Default: DATABASE_URL.',
    secret: true,
  },
  REDIS_URL: {
    purpose:
      'Redis, for the jobs of several processes, and for the signs of events between them. Default: the database has both.',
    secret: true,
  },
  HOLDFAST_ACCOUNT: {
    purpose:
      'Tells the accounts of this process apart where others of the same services share the store: a name, which stays. Default: none.',
  },
  HOLDFAST_HOOK_TOKEN: {
    purpose: 'What those who call /hooks authenticate by. Without one only this machine may.',
    secret: true,
  },
  HOLDFAST_ENCRYPTION_KEY: {
    purpose:
      'What the secrets of webhooks are encrypted with in the store: name:key, 32 bytes in base64; several with a comma, the first of which encrypts. Default: they are kept as they are.',
    secret: true,
  },
  N8N_WEBHOOK_URL: { purpose: 'The production URL of the n8n workflow. Makes n8n a real service.' },
  N8N_API_KEY: { purpose: 'The value of the header that the webhook authenticates by.', secret: true },
  N8N_AUTH_HEADER: { purpose: 'The name of that header. Default: x-api-key.' },
  OPENAI_API_KEY: { purpose: 'Key of the language model. Makes it a real service.', secret: true },
  OPENAI_BASE_URL: { purpose: 'Its base URL, of any OpenAI-compatible service. Default: https://api.openai.com/v1.' },
  OPENAI_MODEL: { purpose: 'Its name. Default: gpt-5-mini.' },
  APOLLO_API_KEY: { purpose: 'Master key of Apollo.io. Makes it a real service.', secret: true },
  APOLLO_BASE_URL: { purpose: 'Its base URL. Default: https://api.apollo.io/api/v1.' },
  AVINODE_API_TOKEN: { purpose: 'API token of Avinode. Makes it a real service.', secret: true },
  AVINODE_ACCESS_TOKEN: { purpose: 'Its authentication token, sent as bearer.', secret: true },
  AVINODE_BASE_URL: { purpose: 'Its base URL. Default: https://services.avinode.com/api.' },
  AVINODE_PRODUCT: { purpose: 'Name and version of the calling product. Default: Holdfast/1.0.' },
  GOOGLE_SERVICE_ACCOUNT_KEY: {
    purpose: 'Key file of a Google service account: its JSON in one line, or that in base64.',
    secret: true,
  },
  GOOGLE_SUBJECT: { purpose: 'Address of the user on whose behalf the service account acts. Default: its own.' },
  GOOGLE_SHEETS_SPREADSHEET_ID: { purpose: 'The spreadsheet. Makes Google Sheets a real service.' },
  GOOGLE_SHEETS_BASE_URL: { purpose: 'Its base URL. Default: https://sheets.googleapis.com.' },
  GOOGLE_CALENDAR_ID: { purpose: 'The calendar: its address, or primary. Makes Google Calendar a real service.' },
  GOOGLE_CALENDAR_BASE_URL: { purpose: 'Its base URL. Default: https://www.googleapis.com/calendar/v3.' },
  CALCOM_API_KEY: { purpose: 'API key of Cal.com. Makes it a real service.', secret: true },
  CALCOM_BASE_URL: { purpose: 'Its base URL. Default: https://api.cal.com/v2.' },
  CALCOM_EVENT_TYPE_ID: { purpose: 'What is booked where a call does not say it. Default: none.' },
  HUBSPOT_ACCESS_TOKEN: { purpose: 'Access token of a private app. Makes HubSpot a real service.', secret: true },
  HUBSPOT_BASE_URL: { purpose: 'Its base URL. Default: https://api.hubapi.com.' },
  HUBSPOT_API_VERSION: { purpose: 'Version in its paths: a date, or v3. Default: 2026-03.' },
  HUBSPOT_TIME_ZONE: { purpose: 'Time zone of the account, at whose midnight its day of requests ends. Default: UTC.' },
  RESEND_API_KEY: { purpose: 'API key of Resend, by which e-mail is sent. Makes it a real service.', secret: true },
  RESEND_BASE_URL: { purpose: 'Its base URL. Default: https://api.resend.com.' },
  SMTP_URL: {
    purpose:
      'A mail server in place of Resend: smtp://user:password@host:587, which is encrypted by STARTTLS, or smtps://. Makes e-mail real.',
    secret: true,
  },
  EMAIL_FROM: {
    purpose: 'Who e-mail comes from: an address that Resend has verified or the server lets send, or Name <address>.',
  },
  TEAMS_WEBHOOK_URL: {
    purpose:
      'A channel of Microsoft Teams. Makes it a real service. Default: that of ONCALL_WEBHOOK_URL, if it is one.',
    secret: true,
  },
  ONCALL_WEBHOOK_URL: { purpose: 'Where tickets of emergencies are posted to as JSON.', secret: true },
  ONCALL_WEBHOOK_SECRET: { purpose: 'The value of the header that it authenticates by.', secret: true },
  ONCALL_WEBHOOK_HEADER: { purpose: 'The name of that header. Default: authorization.' },
  ONCALL_WEBHOOK_FORMAT: { purpose: 'json, or teams for a channel of Microsoft Teams. Default: json.' },
}

/** A key or token shorter than this may be guessed. */
export const SAFE_LENGTH = 16

/** What is wrong with a token that may be guessed; of the token itself nothing, not even its length. */
export function tooShort(name: string): string {
  return `${name}: allowed is a token of ${SAFE_LENGTH} characters or more; what came is shorter and not shown`
}

/** Values by name, as in `process.env`. */
export type Values = Readonly<Record<string, string | undefined>>

/** The environment is wrong. The message lists every problem with the variable, what is allowed and what came. */
export class EnvironmentError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `The environment is not right (${problems.length === 1 ? '1 problem' : `${problems.length} problems`}):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
    this.name = 'EnvironmentError'
    this.problems = problems
  }
}

/** Reads variables one by one and collects what is wrong with them; secrets are never quoted. */
export class VariableReader {
  readonly problems: string[] = []
  /** What looks like a mistake but stops nothing. */
  readonly warnings: string[] = []
  readonly #values: Values

  constructor(values: Values) {
    this.#values = values
  }

  /** The value without spaces around it; an empty one counts as not set. */
  text(name: VariableName): string | undefined {
    return this.#values[name]?.trim() || undefined
  }

  /** A key or token: printable, without a space, so that it fits into a header. */
  secret(name: VariableName): string | undefined {
    const value = this.text(name)
    if (value !== undefined && !/^[\x21-\x7e]+$/.test(value)) {
      this.problems.push(`${name}: allowed is a key without spaces, in ASCII; what came is not shown`)
    }
    return value
  }

  /** An http or https address without credentials, query or fragment; a slash at the end is taken off. */
  url(name: VariableName, options: { readonly query?: true } = {}): string | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const url = URL.canParse(value) ? new URL(value) : undefined
    const plain = url && !url.username && !url.password && !url.hash && (options.query || !url.search)
    if (!plain || !/^https?:$/.test(url.protocol)) {
      this.problems.push(
        `${name}: allowed is an http or https address, such as https://api.example.com/v1; what came is not one`,
      )
      return undefined
    }
    return value.replace(/\/+$/, '')
  }

  /** The name of a header, in lower case. */
  header(name: VariableName): string | undefined {
    return this.matching(name, /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header')?.toLowerCase()
  }

  /** Half a setting is a mistake that would otherwise show only in the first call. */
  needs(set: VariableName, other: VariableName): void {
    if (this.text(set) !== undefined && this.text(other) === undefined) {
      this.problems.push(`${set} is set, but ${other} is not: set both`)
    }
  }

  /** A port. */
  port(name: VariableName, fallback: number, min: number, max: number): number {
    const value = this.text(name)
    if (value === undefined) return fallback
    const port = Number(value)
    if (/^\d+$/.test(value) && port >= min && port <= max) return port
    this.problems.push(`${name}: allowed is a port from ${min} to ${max}; got ${JSON.stringify(value)}`)
    return fallback
  }

  /** A value that must match. */
  matching(name: VariableName, pattern: RegExp, allowed: string): string | undefined {
    const value = this.text(name)
    if (value === undefined || pattern.test(value)) return value
    this.problems.push(`${name}: allowed is ${allowed}; got ${JSON.stringify(value)}`)
    return undefined
  }
}
