import { HoldfastError } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { headerText } from '../http/index.ts'
import type { HttpClient, HttpReply, HttpRequest } from '../http/index.ts'
import type { Credentials } from './credentials.ts'
import type { ApiCallOptions } from './options.ts'

/** One call of an API. */
export interface ApiRequest<Reply> extends Omit<HttpRequest, 'signal' | 'idempotent'> {
  /** Makes our value of the reply's JSON; of `undefined` where there is no body. @throws HoldfastError to refuse it. */
  readonly read: (json: unknown) => Reply
  /** A good reply may have no body, a 204 for example. Default: false. */
  readonly mayBeEmpty?: boolean
  /**
   * `read` changes nothing at the other end (whatever its method is) and may be repeated; `write` changes something and is made
   * once; `repeatable-write` changes something that the service itself makes only once; `paid-read` changes nothing and costs something
   * each time: one that may have been charged is not made again by itself.
   */
  readonly effect: 'read' | 'write' | 'repeatable-write' | 'paid-read'
}

/** Makes guarded, validated calls of one API. */
export interface ApiCaller {
  call<Reply>(request: ApiRequest<Reply>, options: ApiCallOptions): Promise<Reply>
}

/** What the caller is made from. */
export interface ApiCallerOptions {
  readonly service: string
  readonly http: HttpClient
  readonly integration: Integration
  /** Sees the headers of each good reply to a path. */
  readonly onHeaders?: (headers: Readonly<Record<string, string>>, path: string) => void
  readonly explain: NonNullable<HttpRequest['explain']>
  /** Headers that differ per request. */
  readonly headers?: () => Readonly<Record<string, string>>
  /** What a call authenticates by, where that has to be fetched. */
  readonly credentials?: Credentials
  /** Leave for one request to a path, asked right before it is sent; `write` says of which kind. @throws HoldfastError for none. */
  readonly leave?: (write: boolean, signal: AbortSignal, path: string) => Promise<void>
}

/** Makes an {@link ApiCaller}. */
export function createApiCaller(api: ApiCallerOptions): ApiCaller {
  const { credentials } = api

  return {
    async call({ read, effect, mayBeEmpty = false, ...request }, { signal, requestId }) {
      const idempotent = effect === 'read' || effect === 'repeatable-write'
      const { path = '' } = request
      const send = async (attemptSignal: AbortSignal, own: Readonly<Record<string, string>>): Promise<HttpReply> => {
        await api.leave?.(effect === 'write' || effect === 'repeatable-write', attemptSignal, path)
        return api.http.request({
          ...request,
          headers: {
            'accept-encoding': 'gzip',
            ...api.headers?.(),
            ...own,
            ...(requestId === undefined ? {} : { 'x-request-id': headerText(requestId) }),
            ...request.headers,
          },
          signal: attemptSignal,
          idempotent,
          explain: api.explain,
        })
      }
      try {
        // Outside of the integration: that a token cannot be had says nothing about the service, and is not tried again by both.
        let own = (await credentials?.headers(signal)) ?? {}
        return await api.integration.call(
          async (context) => {
            let reply: HttpReply
            try {
              reply = await send(context.signal, own)
            } catch (error) {
              // A token that was good a moment ago: revoked, or the clock is wrong. Nothing was done, so even a write may go again; once.
              if (credentials === undefined || !isUnauthorised(error) || !credentials.refused(own)) throw error
              own = await credentials.headers(context.signal)
              reply = await send(context.signal, own)
            }
            const json = mayBeEmpty && reply.status === 204 ? await nothingIn(reply) : await reply.json()
            api.onHeaders?.(reply.headers, path)
            return read(json)
          },
          {
            idempotent,
            ...(signal === undefined ? {} : { signal }),
            ...(requestId === undefined ? {} : { requestId }),
          },
        )
      } catch (error) {
        if (effect === 'paid-read') throw unlessCharged(api.service, error)
        throw effect === 'read' ? withoutEffect(error) : error
      }
    },
  }
}

/** Reads what is not there, so that the connection can be used again. */
async function nothingIn(reply: HttpReply): Promise<undefined> {
  await reply.text()
}

function isUnauthorised(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.status === 401
}

/** A read that failed has changed nothing, whatever it failed of: then a later tier may go on. */
function withoutEffect(error: unknown): unknown {
  if (!HoldfastError.isInstance(error) || !error.mayHaveTakenEffect) return error
  const { code, category, message, retryable, retryAfterMs, status, integration, cause } = error
  return new HoldfastError({
    code,
    category,
    message,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status }),
    ...(integration === undefined ? {} : { integration }),
    ...(cause === undefined ? {} : { cause }),
    mayHaveTakenEffect: false,
  })
}

/** A read that may have been charged is not worth another try by anybody but who pays for it: no other way to the same service may do it. */
function unlessCharged(service: string, error: unknown): unknown {
  if (!HoldfastError.isInstance(error) || !error.mayHaveTakenEffect) return error
  const { status, integration } = error
  return new HoldfastError({
    code: 'CHARGE_UNCONFIRMED',
    category: 'client',
    message: `${service} may have charged for this call, and its answer was lost. It costs again, so it is made again only if the user asks for it`,
    retryable: false,
    ...(status === undefined ? {} : { status }),
    ...(integration === undefined ? {} : { integration }),
    cause: error,
    mayHaveTakenEffect: true,
  })
}
