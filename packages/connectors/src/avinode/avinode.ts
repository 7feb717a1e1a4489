import { createHash, randomUUID } from 'node:crypto'
import type { Clock, Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import { createHttpClient } from '../http/index.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { explain, refuseErrors } from './failures.ts'
import { checkCancellation, checkFleetQuery, checkQuoteRequest, checkQuotesQuery, checkTrip } from './input.ts'
import { readQuotes } from './quotes.ts'
import type { Avinode } from './types.ts'
import { readCreated, readFleet, readSearch, wireTrip } from './wire.ts'

/** How to reach Avinode. */
export interface AvinodeOptions {
  /** Identifies the calling application (`X-Avinode-ApiToken`). */
  readonly apiToken: string
  /** Identifies the API connection (`Authorization: Bearer`). Avinode requires it. */
  readonly accessToken?: string
  /** Every call runs through it. */
  readonly integration: Integration
  /** Default: `https://services.avinode.com/api`. Avinode's test environment is `https://sandbox.avinode.com/api`. */
  readonly baseUrl?: string
  /** Name and version of the calling product (`X-Avinode-Product`). Default: `Holdfast/1.0`. */
  readonly product?: string
  /** On whose behalf, a user's login (`X-Avinode-ActAsAccount`). Default: none. */
  readonly actAsAccount?: string
  /** Default: `/aircraft`; not in the public pages. */
  readonly fleetPath?: string
  /** For the timestamp that every request carries. Default: the system's. */
  readonly clock?: Pick<Clock, 'wallTime'>
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher
}

/** Where Avinode's API is. Seen in its own links (`href`); the documentation names only the test environment's. */
export const AVINODE_BASE_URL = 'https://services.avinode.com/api'

/** Makes a client of the Avinode marketplace. */
export function createAvinode(options: AvinodeOptions): Avinode {
  const http = createHttpClient({
    baseUrl: options.baseUrl ?? AVINODE_BASE_URL,
    service: 'Avinode',
    headers: {
      'X-Avinode-ApiToken': options.apiToken,
      ...(options.accessToken === undefined ? {} : { authorization: `Bearer ${options.accessToken}` }),
      'X-Avinode-ApiVersion': 'v1.0',
      'X-Avinode-Product': options.product ?? 'Holdfast/1.0',
      ...(options.actAsAccount === undefined ? {} : { 'X-Avinode-ActAsAccount': options.actAsAccount }),
    },
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const now = (): number => options.clock?.wallTime() ?? Date.now()
  const api = createApiCaller({
    service: 'Avinode',
    http,
    integration: options.integration,
    explain,
    headers: () => ({ 'X-Avinode-SentTimestamp': sentTimestamp(now()) }),
  })
  const writes = createWriteRegistry('Avinode', options.writeMemory)
  const fleetPath = options.fleetPath ?? '/aircraft'

  return {
    async searchAircraft(query, call = {}) {
      return api.call(
        {
          method: 'POST',
          path: '/searches',
          query: { taildetails: true, homebase: true },
          json: wireTrip(checkTrip(query)),
          read: readSearch,
          effect: 'read',
        },
        call,
      )
    },

    async listFleet(query = {}, call = {}) {
      const { category, operator, base } = checkFleetQuery(query)
      const fleet = await api.call({ path: fleetPath, read: readFleet, effect: 'read' }, call)
      return fleet
        .filter((one) => category === undefined || one.category === category)
        .filter((one) => operator === undefined || one.operator?.toLowerCase().includes(operator.toLowerCase()))
        .filter((one) => base === undefined || one.homeBase === base)
    },

    async requestQuote(request, call = {}) {
      const { notes, ...trip } = checkQuoteRequest(request)
      const body = {
        ...wireTrip(trip),
        sourcing: true,
        ...(notes === undefined ? {} : { messageToSeller: notes }),
      }
      return writes.once(call, body, () =>
        api.call(
          {
            method: 'POST',
            path: '/rfqs',
            json: { ...body, externalTripId: externalId(call.idempotencyKey) },
            read: readCreated,
            effect: 'write',
          },
          call,
        ),
      )
    },

    async readQuotes(requestId, { maxQuotes, ...call } = {}) {
      return readQuotes(api, checkQuotesQuery({ requestId, maxQuotes }), call)
    },

    async cancel(input, call = {}) {
      const checked = checkCancellation(input)
      await api.call(
        {
          method: 'PUT',
          path: `/rfqs/${encodeURIComponent(checked.requestId)}/cancel`,
          json: {
            reason: checked.reason,
            ...(checked.message === undefined ? {} : { messageToSeller: checked.message }),
          },
          read: refuseErrors,
          effect: 'repeatable-write',
        },
        call,
      )
    },

    async health(call = {}) {
      await api.call({ path: '/airports/search', query: { filter: 'KTEB' }, read: refuseErrors, effect: 'read' }, call)
    },

    close: () => http.close(),
  }
}

/** UTC and to the minute, as documented: `2026-11-23T06:42Z`. */
function sentTimestamp(wallTime: number): string {
  return `${new Date(wallTime).toISOString().slice(0, 16)}Z`
}

/** Keys may be long, or somebody's words; a digest of one is neither. */
function externalId(key: string | undefined): string {
  return key === undefined ? randomUUID() : createHash('sha256').update(key).digest('hex').slice(0, 32)
}
