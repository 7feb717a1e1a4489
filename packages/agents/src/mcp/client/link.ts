import type { Clock, Random } from '@holdfast/core'
import { HoldfastError } from '@holdfast/core'
import type { PriorDiscovery, Transport } from '@modelcontextprotocol/client'
import { openConnection } from './connection.ts'
import type { Connection } from './connection.ts'
import { createErrorTail } from './error-tail.ts'
import type { ErrorTail } from './error-tail.ts'
import type { McpDisconnected, McpEvent } from './events.ts'
import { connectTimeout, mcpFailure, notConnected, registryClosed, respawnDelayed } from './failures.ts'
import { HttpTransport } from './http-transport.ts'
import type { ResolvedServer } from './options.ts'
import { StdioTransport } from './stdio-transport.ts'
import { within } from './within.ts'

/** A connection to a server that is made when it is needed, and made again when it is lost. */
export interface Link {
  /**
   * The connection there is, or a new one. All who ask at once share one attempt, which goes on when one of them leaves.
   * @throws HoldfastError with `mayHaveTakenEffect: false`; the signal's reason
   */
  connect(wait: { readonly signal: AbortSignal; readonly timeLeftMs: number }): Promise<Connection>
  /** Gives a connection up that is of no use for anything new. */
  drop(connection: Connection): void
  readonly state: LinkState
  readonly current: Connection | undefined
  /** Connections made after the first. */
  readonly reconnects: number
  /** The end of what the child wrote to its standard error. */
  errors(): string
  close(): Promise<void>
}

/** What a link is doing. */
export type LinkState = 'idle' | 'connecting' | 'connected' | 'closed'

/** What a link is made with. */
export interface LinkOptions {
  readonly server: ResolvedServer
  readonly client: { readonly name: string; readonly version: string }
  readonly clock: Clock
  readonly random: Random
  readonly report: (event: McpEvent) => void
  readonly onToolsChanged: () => void
}

/** A child that ended sooner than this after it was ready has not settled: the next one waits, in ms. */
const SETTLED_MS = 10_000

/** Kept back of an attempt's time, so that it ends with what is true: that nothing was sent, in ms. */
const MARGIN_MS = 20

/** Makes a {@link Link}. */
export function createLink(options: LinkOptions): Link {
  const { server, clock, random, report } = options
  const { name, target } = server
  const errors = createErrorTail(target.kind === 'stdio' ? Object.values(target.env ?? {}) : [])
  const closing = new AbortController()
  const retired = new Set<Connection>()
  let current: Connection | undefined
  let opening: Promise<Connection> | undefined
  let prior: PriorDiscovery | undefined
  let opened = 0
  /** Children that failed in a row. */
  let failures = 0
  let notBefore = -Infinity

  const lost = (reason: McpDisconnected['reason']): void => {
    const connection = current
    if (connection === undefined) return
    current = undefined
    report({ type: 'mcp-disconnected', at: clock.wallTime(), server: name, reason })
    if (reason === 'ended') countFailure(clock.now() - connection.openedAt < SETTLED_MS)
  }

  const countFailure = (isFailure: boolean): void => {
    failures = isFailure ? failures + 1 : 0
    if (target.kind !== 'stdio' || failures === 0) return
    const { respawnMs, maxRespawnMs } = server
    const waitMs = Math.min(respawnMs * 2 ** Math.min(failures - 1, 30), maxRespawnMs)
    notBefore = clock.now() + waitMs * (0.8 + 0.4 * random())
  }

  /** One that comes too late is closed. */
  const transportInTime = async (): Promise<Transport> => {
    const made = transportOf(server, errors)
    const limitMs = server.connectTimeoutMs
    try {
      return await within(made, clock, limitMs, closing.signal, () => connectTimeout(name, limitMs))
    } catch (error) {
      made.then((transport) => transport.close()).catch(() => undefined)
      throw mcpFailure(name, error)
    }
  }

  const openOnce = async (): Promise<Connection> => {
    const transport = await transportInTime()
    let isEnded = false
    let connection: Connection | undefined = undefined
    connection = await openConnection({
      server: name,
      transport,
      client: options.client,
      prior,
      limitMs: server.connectTimeoutMs,
      signal: closing.signal,
      clock,
      onToolsChanged: options.onToolsChanged,
      onClosed() {
        isEnded = true
        if (connection !== undefined && connection === current) lost('ended')
      },
    })
    if (isEnded) throw mcpFailure(name, new Error('Not connected'))
    return connection
  }

  const open = async (): Promise<Connection> => {
    try {
      const waitMs = notBefore - clock.now()
      if (waitMs > 0) await clock.sleep(waitMs, closing.signal)
      const startedAt = clock.now()
      const connection = await openOnce()
      if (closing.signal.aborted) {
        await connection.close()
        throw registryClosed(name)
      }
      prior = connection.era === 'legacy' ? { kind: 'legacy' } : undefined
      current = connection
      opened++
      const { protocolVersion } = connection
      const durationMs = clock.now() - startedAt
      report({ type: 'mcp-connected', at: clock.wallTime(), server: name, protocolVersion, durationMs })
      return connection
    } catch (error) {
      if (closing.signal.aborted) throw registryClosed(name)
      // Old servers may end at a question they do not know: the next one is not asked. And what was old may be new by the next time.
      prior = prior === undefined && endedAtProbe(error) ? { kind: 'legacy' } : undefined
      countFailure(true)
      throw HoldfastError.isInstance(error) ? notConnected(name, error) : error
    }
  }

  return {
    async connect({ signal, timeLeftMs }) {
      if (closing.signal.aborted) throw registryClosed(name)
      if (current?.isOpen === true) return current
      const waitMs = notBefore - clock.now()
      if (opening === undefined && waitMs > timeLeftMs - MARGIN_MS) throw respawnDelayed(name, waitMs)
      if (opening === undefined) {
        const attempt = open()
        opening = attempt
        const over = (): void => {
          if (opening === attempt) opening = undefined
        }
        attempt.then(over, over)
      }
      return within(opening, clock, timeLeftMs - MARGIN_MS, signal, () => connectTimeout(name, timeLeftMs))
    },
    drop(connection) {
      if (current === connection) lost('session-lost')
      if (retired.has(connection)) return
      retired.add(connection)
      void connection.retire().finally(() => retired.delete(connection))
    },
    get state() {
      if (closing.signal.aborted) return 'closed'
      if (current?.isOpen === true) return 'connected'
      return opening === undefined ? 'idle' : 'connecting'
    },
    get current() {
      return current
    },
    get reconnects() {
      return Math.max(0, opened - 1)
    },
    errors: () => errors.text(),
    async close() {
      closing.abort(registryClosed(name))
      const connection = current
      lost('closed')
      await Promise.all([
        connection?.close(),
        opening?.catch(() => undefined),
        ...[...retired].map((one) => one.close()),
      ])
    },
  }
}

/** Whether a child was there, and ended while it was asked what it speaks. */
function endedAtProbe(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'MCP_NEGOTIATION_FAILED'
}

async function transportOf(server: ResolvedServer, errors: ErrorTail): Promise<Transport> {
  const { name, target, maxMessageBytes } = server
  switch (target.kind) {
    case 'stdio':
      return new StdioTransport({
        server: name,
        command: target.command,
        args: target.args ?? [],
        env: target.env ?? {},
        cwd: target.cwd,
        maxMessageBytes,
        shutdownMs: server.shutdownMs,
        errors,
      })
    case 'http':
      return new HttpTransport({
        server: name,
        url: new URL(target.url),
        headers: target.headers ?? {},
        fetch: target.fetch ?? fetch,
        maxMessageBytes,
      })
    case 'custom':
      return target.transport()
  }
}
