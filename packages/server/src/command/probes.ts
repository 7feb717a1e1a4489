import type { ServiceAddress } from '@holdfast/ai'
import { createApollo } from '@holdfast/connectors/apollo'
import { createAvinode } from '@holdfast/connectors/avinode'
import { createHttpClient } from '@holdfast/connectors/http'
import type { FailedReply, FailureHint } from '@holdfast/connectors/http'
import { HoldfastError } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { calComAt } from '../connect/cal-com.ts'
import { googleCalendarAt, googleSheetsAt } from '../connect/google.ts'
import { hubspotAt } from '../connect/hubspot.ts'
import { smtpAt } from '../connect/office-messages.ts'
import { isSmtp } from '../environment/address.ts'
import type { ServiceName } from '../environment/services.ts'

/** How long a mail server may be silent, in ms: less than the probe has, so that its connection ends with it. */
const SMTP_TIMEOUT_MS = 4_000

/** What a probe found out about a service that answered. */
export interface ProbeResult {
  readonly well: boolean
  readonly finding: string
}

/** Asks a service something that changes nothing and costs nothing. Rejects when it does not answer. */
export type Probe = (address: ServiceAddress, integration: Integration) => Promise<ProbeResult>

/** One probe per service. */
export const PROBES: Readonly<Record<ServiceName, Probe>> = {
  // Asking the webhook itself would run the workflow.
  async n8n({ url }, integration) {
    const { origin } = new URL(url)
    const http = createHttpClient({ baseUrl: origin, service: 'n8n' })
    const reply = await integration.call(({ signal }) => http.request({ method: 'GET', path: '/healthz', signal }))
    return { well: true, finding: `n8n answers (${reply.status}); the workflow itself was not run` }
  },
  async llm({ url, credentials, settings }, integration) {
    const http = createHttpClient({
      baseUrl: url,
      service: 'llm',
      headers: credentials['apiKey'] === undefined ? {} : { authorization: `Bearer ${credentials['apiKey']}` },
    })
    await integration.call(({ signal }) => http.request({ method: 'GET', path: '/models', signal }))
    return { well: true, finding: `answers and accepts the key; model ${settings['model'] ?? 'not named'}` }
  },
  async apollo({ url, credentials }, integration) {
    const { loggedIn } = await createApollo({ apiKey: credentials['apiKey'] ?? '', baseUrl: url, integration }).health()
    return {
      well: loggedIn,
      finding: loggedIn ? 'answers and accepts the key' : 'answers, but does not accept the key',
    }
  },
  async avinode({ url, credentials, settings }, integration) {
    await createAvinode({
      apiToken: credentials['apiKey'] ?? '',
      baseUrl: url,
      integration,
      ...(credentials['accessToken'] === undefined ? {} : { accessToken: credentials['accessToken'] }),
      ...(settings['product'] === undefined ? {} : { product: settings['product'] }),
    }).health()
    return { well: true, finding: 'answers and accepts the tokens' }
  },
  async 'google-sheets'(address, integration) {
    const sheets = googleSheetsAt(address, integration)
    try {
      const found = await sheets.sheets()
      return { well: true, finding: `answers, and lets the account read the spreadsheet (${found.length} sheets)` }
    } finally {
      await sheets.close()
    }
  },
  async hubspot(address, integration) {
    const hubspot = hubspotAt(address, integration)
    try {
      await hubspot.health()
      return { well: true, finding: 'answers and accepts the token' }
    } finally {
      await hubspot.close()
    }
  },
  async 'google-calendar'(address, integration) {
    const calendar = googleCalendarAt(address, integration)
    try {
      await calendar.health()
      return { well: true, finding: 'answers, and lets the account read the calendar' }
    } finally {
      await calendar.close()
    }
  },
  async 'cal-com'(address, integration) {
    const cal = calComAt(address, integration)
    try {
      await cal.health()
      return { well: true, finding: 'answers and accepts the key' }
    } finally {
      await cal.close()
    }
  },
  async resend(address, integration) {
    const { url, credentials, settings } = address
    if (isSmtp(url)) {
      await smtpAt(address, { integration, timeoutMs: SMTP_TIMEOUT_MS }).health()
      const accepts = settings['user'] === undefined ? '' : ' and accepts the password'
      return { well: true, finding: `the mail server answers${accepts}; no e-mail was sent` }
    }
    const http = createHttpClient({
      baseUrl: url,
      service: 'Resend',
      headers: { authorization: `Bearer ${credentials['apiKey'] ?? ''}` },
    })
    try {
      await integration.call(({ signal }) =>
        http.request({ path: '/emails', query: { limit: 1 }, signal, explain: onlySends }),
      )
      return { well: true, finding: 'answers and accepts the key; no e-mail was sent' }
    } catch (error) {
      if (!HoldfastError.isInstance(error) || error.code !== ONLY_SENDS) throw error
      return { well: true, finding: 'answers and accepts the key, which may only send; no e-mail was sent' }
    } finally {
      await http.close()
    }
  },
  // Whatever is asked of the channel itself is a message in it.
  async teams({ url }, integration) {
    const http = createHttpClient({ baseUrl: new URL(url).origin, service: 'Microsoft Teams' })
    try {
      const { status } = await integration.call(async ({ signal }) => {
        try {
          return await http.request({ path: '/', signal })
        } catch (error) {
          if (HoldfastError.isInstance(error) && error.status !== undefined) return { status: error.status }
          throw error
        }
      })
      return { well: true, finding: `what is at the address answers (${status}); nothing was posted` }
    } finally {
      await http.close()
    }
  },
}

const ONLY_SENDS = 'KEY_ONLY_SENDS'

/** A key of Resend that may only send is refused everything else, in words of its own. */
function onlySends({ text }: FailedReply): FailureHint | undefined {
  return /"restricted_api_key"/.test(text) ? { code: ONLY_SENDS, retryable: false } : undefined
}
