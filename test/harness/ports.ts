import { createServer } from 'node:net'

/** Finds `count` free consecutive ports on loopback and returns the first. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    // Below the ports that the system hands to outgoing connections: one of those could take a port while its stand-in is down.
    const first = 10_000 + Math.floor(Math.random() * 22_000)
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return first
  }
  throw new Error(`no ${count} consecutive free ports found`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
