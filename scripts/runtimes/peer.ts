import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SuiteReport } from './inside/suite.ts'

/** The other side of a runtime: takes its report, and plays the server that its tests ask. */
export interface Peer {
  readonly url: string
  /** Resolves when the runtime has reported. */
  readonly report: Promise<SuiteReport>
  close(): Promise<void>
}

/** @param script what the page `/page` runs. */
export async function startPeer(script: string): Promise<Peer> {
  const { promise: report, resolve: onReport } = Promise.withResolvers<SuiteReport>()
  const server = createServer((request, response) => {
    // A connection that is kept for later must not keep a runtime from its end.
    response.setHeader('connection', 'close')
    answer(request, response, script, onReport).catch((error: unknown) => response.destroy(error as Error))
  })
  await listening(server)
  return {
    url: urlOf(server),
    report,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: string,
  onReport: (report: SuiteReport) => void,
): Promise<void> {
  switch (request.url) {
    case '/report': {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk as string
      response.end('thanks')
      onReport(JSON.parse(body) as SuiteReport)
      return
    }
    case '/page':
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="/script.js"></script>')
      return
    case '/script.js':
      response.setHeader('content-type', 'text/javascript')
      response.end(script)
      return
    case '/nobody':
      response.end(await urlOfNobody())
      return
    case '/fetch/reset':
      request.socket.destroy()
      return
    case '/fetch/half':
      response.setHeader('content-length', '100')
      response.write('half')
      setTimeout(() => request.socket.destroy(), 50)
      return
    case '/fetch/json':
      response.end('{"half":')
      return
    case '/fetch/silent':
      return
    default:
      response.writeHead(404).end()
  }
}

/** An address where somebody listened a moment ago, so that nobody else is likely to now. */
async function urlOfNobody(): Promise<string> {
  const server = createServer()
  await listening(server)
  const url = urlOf(server)
  await new Promise((resolve) => server.close(resolve))
  return url
}

function listening(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
}

function urlOf(server: ReturnType<typeof createServer>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
