import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A message as it came. */
export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: {
    readonly type: string
    readonly topic: string
    readonly seq: number
    readonly timestamp: string
    readonly data: unknown
  }
}

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** What it answers from now on. Default: 204. */
  answer(how: (message: Received, response: ServerResponse) => void): void
  close(): Promise<void>
}

/** Somebody who is told of events. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const good = (_message: Received, response: ServerResponse): void => void response.writeHead(204).end()
  let how: (message: Received, response: ServerResponse) => void = good
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const message: Received = {
        path: request.url ?? '',
        headers: flat(request.headers),
        text,
        body: JSON.parse(text) as Received['body'],
      }
      received.push(message)
      how(message, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    answer: (next) => (how = next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
