import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A ticket as it arrived. */
export interface Received {
  readonly ticketId: string
  readonly message: string
  readonly idempotencyKey: string
  readonly authorization: string | undefined
}

/** Whoever is on call: takes tickets, or hangs. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  hangs: boolean
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { ticket } = JSON.parse(body) as { readonly ticket: { readonly id: string; readonly message: string } }
      const { authorization } = request.headers
      const idempotencyKey = String(request.headers['idempotency-key'])
      received.push({ ticketId: ticket.id, message: ticket.message, idempotencyKey, authorization })
      if (!receiver.hangs) response.writeHead(202).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=1`,
    received,
    hangs: false,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}
