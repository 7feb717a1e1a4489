import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { fastify } from 'fastify'
import { adminRoutes } from '../routes/admin.ts'
import { chatRoutes } from '../routes/chat.ts'
import { completionRoutes } from '../routes/completions.ts'
import { describeFailure } from '../routes/failures.ts'
import { healthRoutes } from '../routes/health.ts'
import { leadRoutes } from '../routes/leads.ts'
import { modelRoutes } from '../routes/models.ts'
import { pageRoutes } from '../routes/page.ts'
import { requestRoutes } from '../routes/requests.ts'
import { syncRoutes } from '../routes/sync.ts'
import { webhookRoutes } from '../routes/webhooks.ts'
import { sandboxRoutes } from '../routes/sandbox.ts'
import type { AppContext } from './context.ts'
import { drain } from './drain.ts'
import { ApiError, rawErrorReply, toApiError } from './errors.ts'
import { addGuards } from './guards.ts'

const METHODS = ['GET', 'POST', 'DELETE'] as const

/** Puts the HTTP API together. It is not listening yet; `inject` asks it without a socket. */
export async function createApp(context: AppContext): Promise<FastifyInstance> {
  // On every answer, errors and streams too: nobody may take what was made with invented data for the real thing.
  const sandboxHeaders: Record<string, string> = context.sandbox === undefined ? {} : { 'x-holdfast-sandbox': 'true' }
  const app = fastify({
    logger: false,
    bodyLimit: context.options.bodyLimitBytes,
    // A client must send its whole request within this time, or a slow one could hold a connection for ever.
    requestTimeout: 30_000,
    // An address longer than any of ours is none of ours.
    routerOptions: { maxParamLength: 128 },
    // What is under way ends by itself or is aborted before the app is closed; connections that idle must not hold it up.
    forceCloseConnections: true,
    clientErrorHandler: (error, socket) => {
      const reply = rawErrorReply(error.code, sandboxHeaders)
      if (reply !== undefined && socket.writable) socket.end(reply)
      else socket.destroy()
    },
    // A malformed address or the like, which never reaches a route.
    frameworkErrors: (error, _request, reply) => {
      const failure = toApiError(error)
      void (reply as FastifyReply).code(failure.status).headers(sandboxHeaders).send(failure.toBody())
    },
  })
  // JSON only. Without a form or plain text, a web page of another origin cannot post without asking first.
  app.removeContentTypeParser('text/plain')

  app.addHook('onRequest', (_request, reply, next) => {
    void reply.headers(sandboxHeaders)
    next()
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whether it is reached by TLS is the business of the proxy that terminates it.
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
  })
  addGuards(app, context)
  observeRequests(app, context)

  app.setErrorHandler(async (error, request, reply) => {
    const failure = toApiError(error, context.options.bodyLimitBytes)
    if (failure.code === 'internal_error') {
      context.log.error({ route: request.routeOptions.url, ...describeFailure(error) }, 'a route failed')
    }
    // Fastify closes the connection after the reply when it has not read the body.
    if (reply.getHeader('connection') === 'close') await drain(request.raw, context.clock)
    return reply.code(failure.status).headers(failure.headers).send(failure.toBody())
  })
  app.setNotFoundHandler((request) => {
    const url = request.url.split('?', 1)[0] ?? ''
    const allowed = METHODS.filter((method) => app.hasRoute({ url, method }))
    if (allowed.length === 0) throw new ApiError('not_found')
    throw new ApiError('method_not_allowed', {
      message: `${url} takes ${allowed.join(', ')}, not ${request.method}.`,
      headers: { allow: allowed.join(', ') },
    })
  })

  completionRoutes(app, context)
  modelRoutes(app, context)
  const sessions = chatRoutes(app, context)
  healthRoutes(app, context)
  adminRoutes(app, context, sessions)
  if (context.desks !== undefined) {
    requestRoutes(app, context)
    leadRoutes(app, context)
    webhookRoutes(app, context)
    syncRoutes(app, context)
  }
  sandboxRoutes(app, context)
  await pageRoutes(app)
  app.get('/metrics', async (_request, reply) => {
    await reply.type('text/plain; version=0.0.4; charset=utf-8').send(await context.metrics.collect())
  })
  return app
}

function observeRequests(app: FastifyInstance, context: AppContext): void {
  app.addHook('onRequest', (request, reply, next) => {
    const began = context.clock.now()
    reply.raw.once('close', () => {
      const durationMs = context.clock.now() - began
      const route = request.routeOptions.url ?? 'unknown'
      context.metrics.observeRequest(request.method, route, reply.raw.statusCode, durationMs)
      context.log.debug({ method: request.method, route, status: reply.raw.statusCode, durationMs }, 'request')
    })
    next()
  })
}
