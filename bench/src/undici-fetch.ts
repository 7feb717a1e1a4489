/*
 * What the door out costs, beside Node's global fetch: a 1 KB JSON reply read whole, and a stream of 50 events, both on 127.0.0.1.
 * Run it with `node --conditions=holdfast-source bench/src/undici-fetch.ts`. The server shares the process, so the differences count,
 * not the totals.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAgent, createHttpClient, undiciFetch } from '@holdfast/connectors/http'

const REQUESTS = 4_000
const AT_ONCE = 32
const ROUNDS = 3

const small = JSON.stringify({ text: 'x'.repeat(1_000) })
const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'word ' } }] })}\n\n`

const server = createServer((request, response) => {
  request.resume()
  if (request.url === '/json') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': small.length }).end(small)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const send = (): void => {
    if (++sent > 50) return void response.end()
    response.write(event)
    setImmediate(send)
  }
  send()
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const agent = createAgent()
const client = createHttpClient({ baseUrl: url, dispatcher: agent })
const thin = undiciFetch(agent)
const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"q":1}' }

async function drain(stream: ReadableStream<Uint8Array> | null): Promise<void> {
  if (stream === null) return
  const reader = stream.getReader()
  for (let done = false; !done;) ({ done } = await reader.read())
}

const contenders: Record<string, Record<string, () => Promise<unknown>>> = {
  'JSON, 1 KB': {
    'global fetch': async () => (await fetch(`${url}/json`, init)).json(),
    undiciFetch: async () => (await thin(`${url}/json`, init)).json(),
    'HttpClient.request': async () => (await client.request({ path: '/json', json: { q: 1 } })).json(),
  },
  'stream of 50 events': {
    'global fetch': async () => drain((await fetch(`${url}/stream`, init)).body),
    undiciFetch: async () => drain((await thin(`${url}/stream`, init)).body),
    'HttpClient.request': async () => drain((await client.request({ path: '/stream', json: { q: 1 } })).stream()),
  },
}

async function measure(
  call: () => Promise<unknown>,
  requests: number,
): Promise<{ perSecond: number; cpuMicros: number }> {
  let left = requests
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  const cpu = process.cpuUsage()
  const start = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (requests / ms) * 1_000, cpuMicros: (user + system) / requests }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

for (const [title, calls] of Object.entries(contenders)) {
  const requests = title.startsWith('stream') ? REQUESTS / 8 : REQUESTS
  const results = new Map<string, Awaited<ReturnType<typeof measure>>[]>()
  for (const call of Object.values(calls)) await measure(call, requests / 4)
  // The contenders take turns, so that a busy moment of the machine meets them all.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, call] of Object.entries(calls)) {
      results.set(name, [...(results.get(name) ?? []), await measure(call, requests)])
    }
  }
  console.log(title)
  for (const [name, rounds] of results) {
    const perSecond = median(rounds.map((round) => round.perSecond))
    const cpu = median(rounds.map((round) => round.cpuMicros))
    console.log(
      `  ${name.padEnd(20)} ${perSecond.toFixed(0).padStart(7)} requests/s ${cpu.toFixed(0).padStart(7)} µs of CPU each`,
    )
  }
}

await agent.close()
server.closeAllConnections()
server.close()
