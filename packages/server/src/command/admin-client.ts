import type { Environment } from '../environment/environment.ts'

/** A command cannot go on; the message says why and what to do. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CommandError'
  }
}

/**
 * Asks a running server.
 * @throws CommandError when it is not there, or does not accept the token.
 */
export async function askAdmin(
  environment: Environment,
  method: 'GET' | 'POST',
  path: string,
  json?: object,
): Promise<unknown> {
  const { serverUrl, adminToken } = environment
  if (adminToken === undefined) {
    throw new CommandError('HOLDFAST_ADMIN_TOKEN is not set. The server prints its token when it starts.')
  }
  const response = await fetch(`${serverUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => {
    throw new CommandError(`No server answers at ${serverUrl}. Is it running? HOLDFAST_URL says where it is.`)
  })
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
  if (!response.ok) {
    throw new CommandError(`${serverUrl} says ${response.status}: ${body?.error?.message ?? 'no reason given'}`)
  }
  return body
}
