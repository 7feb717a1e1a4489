import { createServer } from 'node:net'

/** Six free ports in a row: the server's, the sandbox's and its services'. */
export async function freePorts(): Promise<{ PORT: string; SANDBOX_PORT: string }> {
  for (;;) {
    // Below the ports that the system hands to outgoing connections: one of those might take a port that was free just now.
    const first = 10_000 + Math.floor(Math.random() * 22_000)
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(first + offset)))
    if (free.every(Boolean)) return { PORT: String(first), SANDBOX_PORT: String(first + 1) }
  }
}

/** Whether nobody listens there on loopback. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
