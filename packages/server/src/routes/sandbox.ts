import type { FastifyInstance } from 'fastify'
import type { AppContext, SandboxState } from '../http/context.ts'
import { ApiError } from '../http/errors.ts'

const TIMEOUT_MS = 3_000
const PATH = '/sandbox/faults'

/**
 * `/sandbox/faults`: the sandbox's switches, passed on for the chat page. Only while the sandbox is in use, and only on a
 * server that no other machine reaches; the checks of host and origin keep other web pages out.
 */
export function sandboxRoutes(app: FastifyInstance, context: AppContext): void {
  if (!context.loopback) return
  const inUse = (): SandboxState => {
    if (context.sandbox === undefined) throw new ApiError('sandbox_not_in_use')
    return context.sandbox
  }
  app.get(PATH, async () => pass(inUse(), 'GET'))
  app.post(PATH, async (request) => pass(inUse(), 'POST', '', request.body))
  app.delete<{ Querystring: { service?: string } }>(PATH, async (request) => {
    const { service } = request.query
    return pass(inUse(), 'DELETE', service === undefined ? '' : `?service=${encodeURIComponent(service)}`)
  })
}

async function pass(sandbox: SandboxState, method: string, query = '', body?: unknown): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(`${sandbox.controlUrl}/faults${query}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  } catch {
    throw new ApiError('sandbox_unreachable')
  }
  const text = await response.text()
  const answer = parsed(text)
  if (!response.ok) {
    throw new ApiError(response.status < 500 ? 'invalid_request' : 'sandbox_unreachable', {
      message: `The sandbox says: ${messageIn(answer) ?? `status ${response.status}`}`,
    })
  }
  return answer
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return {}
  }
}

function messageIn(answer: unknown): string | undefined {
  const { error, message } = (answer ?? {}) as { error?: unknown; message?: unknown }
  if (typeof message === 'string') return message
  if (typeof error === 'string') return error
  return typeof error === 'object' && error !== null ? messageIn(error) : undefined
}
