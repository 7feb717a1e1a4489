import { firstText } from '../http/first-text.ts'
import { malformed, saidFailure } from './failures.ts'

/**
 * Looks at a 200 before the AI SDK does: an endpoint or a gateway in front of it may answer 200 with an error object, a web page
 * or nothing, to a request for a stream too. The SDK would report a parse error, and the reason would be lost.
 */
export function checkedFetch(fetch: typeof globalThis.fetch, service: string): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.ok) return response.status < 400 || response.status > 599 ? response : withBeginning(response)
    const type = response.headers.get('content-type') ?? ''
    if (type.startsWith('text/event-stream')) return response

    const text = await response.text()
    if (text.trim() === '') throw malformed('EMPTY_REPLY', service, 'with an empty body')
    // Some gateways send events and call them plain text.
    if (/^\s*(data|event):/.test(text)) return withText(response, text)
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      const html = /^\s*<(!doctype|html)/i.test(text)
      throw html
        ? malformed('HTML_REPLY', service, 'with a web page, as a proxy or a login page in front of it does')
        : malformed('MALFORMED_JSON', service, 'with a body that is not JSON')
    }
    // Google puts an error that belongs to a stream into a list.
    const error = ([json].flat()[0] as { error?: unknown } | null | undefined)?.error
    if (error !== undefined && error !== null) throw saidFailure(error, service)
    return withText(response, text)
  }
}

/** The SDK would wait for the end of a failed reply's body; where that never comes, the status would be lost. */
async function withBeginning(response: Response): Promise<Response> {
  return response.body === null ? response : withText(response, await firstText(response.body))
}

/** The same response with a body that has been read. */
function withText(response: Response, text: string): Response {
  return new Response(text, { status: response.status, statusText: response.statusText, headers: response.headers })
}
