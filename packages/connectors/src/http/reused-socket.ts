import { subscribe } from 'node:diagnostics_channel'
import type { DiagnosticsChannel } from 'undici'

/*
 * Tells a request that failed on a connection which had served before from one that failed on a fresh connection.
 * The first is what happens when the peer closes an idle connection at the moment it is taken from the pool: no outage,
 * only bad timing. undici does not say which it was, but publishes what is needed to know it on its diagnostics channels.
 */

const servedBefore = new WeakSet<object>()
const onServedSocket = new WeakSet<object>()
const staleErrors = new WeakSet<object>()

let watching = false

/** Starts watching; further calls do nothing. */
export function watchSockets(): void {
  if (watching) return
  watching = true
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as DiagnosticsChannel.ClientSendHeadersMessage
    if (servedBefore.has(socket)) onServedSocket.add(request)
    else servedBefore.add(socket)
  })
  subscribe('undici:request:error', (message) => {
    const { request, error } = message as DiagnosticsChannel.RequestErrorMessage
    if (onServedSocket.has(request) && typeof error === 'object' && error !== null) staleErrors.add(error)
  })
}

const closedByPeer = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Whether this error is a connection that had served before and was then closed by the peer. */
export function failedOnReusedSocket(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !staleErrors.has(error)) return false
  return closedByPeer.has(String((error as { code?: unknown }).code))
}
