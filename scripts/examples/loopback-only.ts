/** Preloaded before an example: whoever copies it must not need the network, and neither must the gate. */
import { Socket } from 'node:net'

const LOOPBACK = /^(127(\.\d+){3}|::1|localhost)$/
// The prototype's method is what every client in the process ends in.
const connect = Reflect.get(Socket.prototype, 'connect') as (this: Socket, ...args: unknown[]) => Socket

Reflect.set(Socket.prototype, 'connect', function (this: Socket, ...args: unknown[]): Socket {
  const host = hostOf(args)
  if (host === undefined || LOOPBACK.test(host)) return connect.apply(this, args)
  process.exitCode = 1
  console.error(`an example may reach loopback only, not ${host}`)
  return this.destroy(new Error(`not loopback: ${host}`))
})

/** The host that was asked for; `undefined` for a socket in the file system. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first !== 'object' || first === null) return typeof second === 'string' ? second : 'localhost'
  const { host, path } = first as { readonly host?: string | null; readonly path?: string | null }
  return typeof path === 'string' ? undefined : (host ?? 'localhost')
}
