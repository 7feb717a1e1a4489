import type { Duplex } from 'node:stream'

/** Answers what is no HTTP, as a server without this would, but saying that it is the sandbox. */
export function refuseGarbage(_error: Error, socket: Duplex): void {
  if (!socket.writable) return
  socket.end('HTTP/1.1 400 Bad Request\r\nx-holdfast-sandbox: true\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
}
