import type { ServiceAddress } from '@holdfast/ai'
import { CAL_COM_DEFAULTS, GOOGLE_CALENDAR_DEFAULTS } from '@holdfast/connectors/calendar'
import { GOOGLE_SHEETS_DEFAULTS, parseServiceAccountKey } from '@holdfast/connectors/google-sheets'
import { HUBSPOT_DEFAULTS } from '@holdfast/connectors/hubspot'
import { HoldfastError } from '@holdfast/core'
import { address } from './address.ts'
import type { OnCallAddress } from './on-call.ts'
import type { VariableReader } from './variables.ts'

/** The services of an office: nothing of the charter desk needs them, and each is asked for only when something uses it. */
export type OfficeServiceName = 'google-sheets' | 'google-calendar' | 'cal-com' | 'hubspot' | 'resend' | 'teams'

/** Their addresses. */
export type OfficeServices = Readonly<Record<OfficeServiceName, ServiceAddress>>

/** The private key in it is a secret by itself: a message may hold it without the rest of the file. */
export interface OfficeKeys {
  readonly services: OfficeServices
  readonly secrets: readonly string[]
}

/** As the connector says; its package of e-mail is not loaded for this. */
const RESEND_BASE_URL = 'https://api.resend.com'

/** Reads where each is. @param at an address of the sandbox, by its path. @param onCall where the people on call are told, which is the channel of Teams unless there is another. */
export function readOfficeServices(
  reader: VariableReader,
  at: (path: string) => string,
  onCall: OnCallAddress | undefined,
): OfficeKeys {
  const { key, secrets } = readServiceAccount(reader)
  const subject = reader.matching('GOOGLE_SUBJECT', /^\S+@\S+$/, 'an e-mail address')
  reader.needs('GOOGLE_SUBJECT', 'GOOGLE_SERVICE_ACCOUNT_KEY')
  const tokenUrl = at('/google-auth/token')
  const acting = subject === undefined ? {} : { subject }

  const spreadsheetId = reader.matching(
    'GOOGLE_SHEETS_SPREADSHEET_ID',
    /^[A-Za-z0-9_-]{1,128}$/,
    'the part of its address between /d/ and /edit',
  )
  const sheetsUrl = reader.url('GOOGLE_SHEETS_BASE_URL')
  reader.needs('GOOGLE_SHEETS_SPREADSHEET_ID', 'GOOGLE_SERVICE_ACCOUNT_KEY')
  reader.needs('GOOGLE_SHEETS_BASE_URL', 'GOOGLE_SHEETS_SPREADSHEET_ID')

  const calendarId = reader.matching(
    'GOOGLE_CALENDAR_ID',
    /^[\w.%+@#-]{1,300}$/,
    'primary, or the address of a calendar',
  )
  const calendarUrl = reader.url('GOOGLE_CALENDAR_BASE_URL')
  reader.needs('GOOGLE_CALENDAR_ID', 'GOOGLE_SERVICE_ACCOUNT_KEY')
  reader.needs('GOOGLE_CALENDAR_BASE_URL', 'GOOGLE_CALENDAR_ID')

  const mail = readMail(reader, at)
  return {
    secrets: [...secrets, ...mail.secrets],
    services: {
      'google-sheets':
        spreadsheetId === undefined
          ? address(at('/google-sheets'), {}, { spreadsheetId: 'sandbox-clients', tokenUrl }, true)
          : address(sheetsUrl ?? GOOGLE_SHEETS_DEFAULTS.baseUrl, { apiKey: key }, { spreadsheetId, ...acting }, false),
      'google-calendar':
        calendarId === undefined
          ? address(at('/google-calendar'), {}, { calendarId: 'primary', tokenUrl }, true)
          : address(calendarUrl ?? GOOGLE_CALENDAR_DEFAULTS.baseUrl, { apiKey: key }, { calendarId, ...acting }, false),
      'cal-com': readCalCom(reader, at),
      hubspot: readHubSpot(reader, at),
      resend: mail.address,
      teams: readTeams(reader, at, onCall),
    },
  }
}

function readCalCom(reader: VariableReader, at: (path: string) => string): ServiceAddress {
  const key = reader.secret('CALCOM_API_KEY')
  const url = reader.url('CALCOM_BASE_URL')
  const eventTypeId = reader.matching('CALCOM_EVENT_TYPE_ID', /^[1-9]\d{0,14}$/, 'a whole number from 1')
  reader.needs('CALCOM_BASE_URL', 'CALCOM_API_KEY')
  reader.needs('CALCOM_EVENT_TYPE_ID', 'CALCOM_API_KEY')
  if (key === undefined) return address(at('/cal-com/v2'), { apiKey: 'sandbox-key' }, { eventTypeId: '1001' }, true)
  const settings: Readonly<Record<string, string>> = eventTypeId === undefined ? {} : { eventTypeId }
  return address(url ?? CAL_COM_DEFAULTS.baseUrl, { apiKey: key }, settings, false)
}

function readHubSpot(reader: VariableReader, at: (path: string) => string): ServiceAddress {
  const token = reader.secret('HUBSPOT_ACCESS_TOKEN')
  const url = reader.url('HUBSPOT_BASE_URL')
  const version = reader.matching(
    'HUBSPOT_API_VERSION',
    /^(?:v3|\d{4}-\d{2}(?:-beta)?)$/,
    'v3 or a date such as 2026-03',
  )
  const timeZone = reader.matching('HUBSPOT_TIME_ZONE', /^[A-Za-z][A-Za-z0-9_+/-]*$/, 'such as America/New_York')
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    reader.problems.push(
      'HUBSPOT_TIME_ZONE: allowed is a time zone such as America/New_York; there is none of that name',
    )
  }
  for (const name of ['HUBSPOT_BASE_URL', 'HUBSPOT_API_VERSION', 'HUBSPOT_TIME_ZONE'] as const) {
    reader.needs(name, 'HUBSPOT_ACCESS_TOKEN')
  }
  if (token === undefined) return address(at('/hubspot'), { apiKey: 'sandbox-key' }, {}, true)
  const settings = { ...(version === undefined ? {} : { version }), ...(timeZone === undefined ? {} : { timeZone }) }
  return address(url ?? HUBSPOT_DEFAULTS.baseUrl, { apiKey: token }, settings, false)
}

/** E-mail goes one way. By both it could go twice: what one of them has sent, the other does not know. */
function readMail(
  reader: VariableReader,
  at: (path: string) => string,
): { readonly address: ServiceAddress; readonly secrets: readonly string[] } {
  const key = reader.secret('RESEND_API_KEY')
  const smtp = readSmtpUrl(reader)
  const url = reader.url('RESEND_BASE_URL')
  const from = reader.matching(
    'EMAIL_FROM',
    /^(?:[^<>"\r\n]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
    'an address, or Name <address>',
  )
  reader.needs('RESEND_API_KEY', 'EMAIL_FROM')
  reader.needs('RESEND_BASE_URL', 'RESEND_API_KEY')
  reader.needs('SMTP_URL', 'EMAIL_FROM')
  const hasSmtp = reader.text('SMTP_URL') !== undefined
  if (key !== undefined && hasSmtp) {
    reader.problems.push('RESEND_API_KEY and SMTP_URL are both set, and e-mail goes by one of them: set only that one')
  }
  if (from !== undefined && key === undefined && !hasSmtp) {
    reader.problems.push('EMAIL_FROM is set, but neither RESEND_API_KEY nor SMTP_URL: set one of them too')
  }
  if (smtp !== undefined) {
    const { user, password } = smtp
    const settings = { from: from ?? '', ...(user === undefined ? {} : { user }) }
    return { address: address(smtp.url, { apiKey: password }, settings, false), secrets: smtp.secrets }
  }
  const resend =
    key === undefined
      ? address(at('/resend'), { apiKey: 'sandbox-key' }, { from: 'desk@sandbox.example' }, true)
      : address(url ?? RESEND_BASE_URL, { apiKey: key }, { from: from ?? '' }, false)
  return { address: resend, secrets: [] }
}

interface SmtpAddress {
  /** Without the user and the password. */
  readonly url: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** The password, as it was written too. */
  readonly secrets: readonly string[]
}

function readSmtpUrl(reader: VariableReader): SmtpAddress | undefined {
  const value = reader.text('SMTP_URL')
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const user = decoded(url?.username)
  const password = decoded(url?.password)
  const isPlain =
    url !== undefined && /^smtps?:$/.test(url.protocol) && /^\/?$/.test(url.pathname) && !url.search && !url.hash
  const isBoth = (user === '') === (password === '')
  if (!isPlain || !isBoth || user === undefined || password === undefined || !/^[\w.:[\]-]+$/.test(url.hostname)) {
    reader.problems.push(
      'SMTP_URL: allowed is an address such as smtp://user:password@smtp.example.com:587, or smtps://…:465, with user and password both or none, and what is special in them as %40; what came is not one, and not shown',
    )
    return undefined
  }
  return {
    url: `${url.protocol}//${url.host}`,
    user: user || undefined,
    password: password || undefined,
    secrets: password === '' ? [] : [password, url.password],
  }
}

/** `undefined` for what was never encoded so. */
function decoded(text: string | undefined): string | undefined {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return undefined
  }
}

function readTeams(
  reader: VariableReader,
  at: (path: string) => string,
  onCall: OnCallAddress | undefined,
): ServiceAddress {
  const url = reader.url('TEAMS_WEBHOOK_URL', { query: true }) ?? (onCall?.format === 'teams' ? onCall.url : undefined)
  return url === undefined ? address(at('/teams/workflow'), {}, {}, true) : address(url, {}, {}, false)
}

function readServiceAccount(reader: VariableReader): { key?: string; secrets: readonly string[] } {
  const text = reader.text('GOOGLE_SERVICE_ACCOUNT_KEY')
  if (text === undefined) return { secrets: [] }
  try {
    const { privateKey } = parseServiceAccountKey(text)
    return { key: text, secrets: [privateKey, ...privateKey.split('\n').filter((line) => /^[\w+/=]{40,}$/.test(line))] }
  } catch (error) {
    const why = HoldfastError.isInstance(error) ? error.message : 'cannot be read'
    reader.problems.push(`GOOGLE_SERVICE_ACCOUNT_KEY: ${why}; what came is not shown`)
    return { secrets: [] }
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
