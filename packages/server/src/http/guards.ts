import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { AppContext } from './context.ts'
import { ApiError } from './errors.ts'

/** Still served while the server stops: whoever watches it must see that it does. */
const SERVED_WHILE_STOPPING = /^\/(?:health|metrics)(?:[/?]|$)/
/** What a browser of another origin may call, where it is configured. */
const CROSS_ORIGIN = /^\/(?:v1\/|chat$|health$|requests(?:\/|$))/

/**
 * Checks that hold for every route: no new work while stopping; on loopback, no name but the machine's own (or a web page
 * could reach the server by a name that it lets point here); no web page of another origin unless configured.
 */
export function addGuards(app: FastifyInstance, context: AppContext): void {
  const { corsOrigins, allowedHosts } = context.options
  app.addHook('onRequest', (request, reply, next) => {
    const { host, origin } = request.headers
    if (context.answers.stopping) {
      void reply.header('connection', 'close')
      if (!SERVED_WHILE_STOPPING.test(request.url)) throw new ApiError('shutting_down')
    }
    if (context.loopback && !isOwnHost(hostName(host), allowedHosts)) throw new ApiError('host_not_allowed')
    if (origin !== undefined && !isSameOrigin(origin, host)) {
      const path = request.url.split('?', 1)[0] ?? ''
      if (!corsOrigins.includes(origin) || !CROSS_ORIGIN.test(path)) throw new ApiError('origin_not_allowed')
      void reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers':
          'x-holdfast-request-id, x-holdfast-tier, x-holdfast-served-by, x-holdfast-attempts, x-holdfast-age-ms, x-holdfast-similarity, x-holdfast-sandbox',
        vary: 'origin',
      })
      if (request.method === 'OPTIONS') {
        void reply
          .code(204)
          .headers({
            'access-control-allow-methods': 'GET, POST',
            // OpenAI's client sends headers of its own.
            'access-control-allow-headers':
              request.headers['access-control-request-headers'] ?? 'authorization, content-type',
            'access-control-max-age': '600',
          })
          .send()
        return
      }
    }
    next()
  })
}

function hostName(host: string | undefined): string {
  return (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

function isOwnHost(name: string, allowed: readonly string[]): boolean {
  // A name that is an address cannot be made to point elsewhere.
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowed.includes(name)
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === (host ?? '').toLowerCase()
}
