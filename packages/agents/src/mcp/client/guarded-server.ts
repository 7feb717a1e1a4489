import { createIntegration, HoldfastError } from '@holdfast/core'
import type { CallOptions, Clock, CoreEvent, Events, Integration, Random } from '@holdfast/core'
import { createBulkhead } from '@holdfast/core/admission'
import type { Progress } from '@modelcontextprotocol/client'
import type { Connection } from './connection.ts'
import type { McpEvent } from './events.ts'
import { invalidArguments, isOtherVersion, mcpFailure, unknownTool, withoutEffect } from './failures.ts'
import { createLink } from './link.ts'
import type { Link } from './link.ts'
import type { ResolvedServer } from './options.ts'
import { readResult } from './result.ts'
import type { McpToolResult } from './result.ts'
import { createToolList } from './tool-list.ts'
import type { ListedTool, ToolList } from './tool-list.ts'

/** What a call of a tool may say for itself. */
export interface McpCallOptions extends Omit<CallOptions, 'operation'> {
  /** Hears how far the tool is, where the server tells. It gives the call no more time. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** One server under guard. */
export interface GuardedServer {
  readonly server: ResolvedServer
  readonly integration: Integration
  readonly link: Link
  readonly list: ToolList
  callTool(tool: string, args: Record<string, unknown>, options: McpCallOptions): Promise<McpToolResult>
  /** The tools, read again if they may be old. Where that fails, those that are known. */
  tools(options: McpCallOptions): Promise<readonly ListedTool[]>
  /** Asks the server something that changes nothing. */
  check(options: { readonly signal?: AbortSignal; readonly timeLeftMs: number }): Promise<void>
}

/** What it is made with. */
export interface GuardedServerOptions {
  readonly server: ResolvedServer
  readonly client: { readonly name: string; readonly version: string }
  readonly clock: Clock
  readonly random: Random
  readonly events: Events<CoreEvent | McpEvent>
}

/** Puts one server under guard. @throws HoldfastError `INVALID_OPTION` */
export function guardServer(options: GuardedServerOptions): GuardedServer {
  const { server, clock, random, events } = options
  const { name, policies, maxConcurrent, maxQueued, maxResultBytes, trustHints } = server
  const report = (event: McpEvent): void => events.emit(event)
  const environment = { clock, random, events: events as Events<CoreEvent> }
  const guard = `mcp-${name}`
  const slots = createBulkhead({ name: guard, maxConcurrent, maxQueued, maxQueueMs: Infinity, ...environment })
  const integration = createIntegration({
    ...policies,
    name: guard,
    admissions: [...(policies.admissions ?? []), slots],
    ...environment,
  })
  const list = createToolList(name, clock, server)
  const link = createLink({
    server,
    client: options.client,
    clock,
    random,
    report,
    onToolsChanged: () => list.expire(),
  })

  /** One attempt: over the connection there is, or a new one; once more where the server has forgotten us, which it said before it looked at anything. */
  async function attempt<T>(
    context: { readonly signal: AbortSignal; readonly timeLeftMs: number },
    run: (connection: Connection, timeLeftMs: number) => Promise<T>,
  ): Promise<T> {
    const startedAt = clock.now()
    const left = (): number => context.timeLeftMs - (clock.now() - startedAt)
    const { signal } = context
    for (let isSecond = false; ; isSecond = true) {
      const connection = await link.connect({ signal, timeLeftMs: left() })
      try {
        return await run(connection, left())
      } catch (error) {
        if (signal.aborted) throw signal.reason
        const isForgotten = connection.lostSession(error) || isOtherVersion(error)
        if (isForgotten) link.drop(connection)
        if (!isForgotten || isSecond) throw mcpFailure(name, error)
      }
    }
  }

  let reading: Promise<void> | undefined

  /** Reads the list, unless somebody does already: all who come meanwhile get that one. */
  function readList(callOptions: McpCallOptions): Promise<void> {
    const { onProgress: _, signal, ...labels } = callOptions
    if (reading === undefined) {
      // Not on behalf of one caller: who leaves must not take the list from the others.
      const work = integration.call(
        (context) =>
          attempt(context, async (connection, timeLeftMs) => {
            if (list.isFresh(connection)) return
            const changed = await list.read(connection, { signal: context.signal, timeLeftMs })
            report({ type: 'mcp-tools-read', at: clock.wallTime(), server: name, tools: list.tools.size, changed })
          }),
        { ...labels, idempotent: true, operation: 'tools/list' },
      )
      reading = work
      const done = (): void => void (reading = undefined)
      work.then(done, done)
    }
    return untilAborted(reading, signal)
  }

  async function listed(callOptions: McpCallOptions): Promise<void> {
    if (list.isFresh(link.current)) return
    try {
      await readList(callOptions)
    } catch (error) {
      if (callOptions.signal?.aborted === true) throw error
      // The call itself will show whether the server works; what it could do a moment ago it can probably still do.
      if (!list.isKnown) throw HoldfastError.isInstance(error) ? withoutEffect(error) : error
    }
  }

  return {
    server,
    integration,
    link,
    list,
    async callTool(tool, args, callOptions) {
      callOptions.signal?.throwIfAborted()
      const startedAt = clock.now()
      const deadlineMs = Math.min(callOptions.deadlineMs ?? Infinity, policies.deadlineMs ?? Infinity)
      await listed({ ...callOptions, deadlineMs })
      const found = list.tools.get(tool)
      if (found === undefined) throw unknownTool(name, tool, [...list.tools.keys()])
      const problem = found.inputProblem(args)
      if (problem !== undefined) throw invalidArguments(name, tool, problem)
      const { readOnlyHint, idempotentHint } = (trustHints && found.wire.annotations) || {}
      const { onProgress, ...rest } = callOptions
      try {
        return await integration.call(
          (context) =>
            attempt(context, async (connection, timeLeftMs) => {
              const { signal } = context
              const result = await connection.callTool(tool, args, { signal, timeLeftMs, tool: found.wire, onProgress })
              return readResult(name, tool, found, result, maxResultBytes)
            }),
          {
            ...rest,
            deadlineMs: deadlineMs - (clock.now() - startedAt),
            idempotent: callOptions.idempotent ?? (readOnlyHint === true || idempotentHint === true),
            operation: tool.slice(0, 200),
          },
        )
      } catch (error) {
        throw readOnlyHint === true ? withoutEffect(error) : error
      }
    },
    async tools(callOptions) {
      await listed(callOptions)
      return [...list.tools.values()]
    },
    async check({ signal, timeLeftMs }) {
      await integration.call(
        (context) =>
          attempt(context, (connection, left) => connection.ping({ signal: context.signal, timeLeftMs: left })),
        {
          idempotent: true,
          operation: 'ping',
          deadlineMs: timeLeftMs,
          ...(signal === undefined ? {} : { signal }),
        },
      )
    },
  }
}

/** Waits for something that goes on without us. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    const done = (): void => signal.removeEventListener('abort', leave)
    work.finally(done).then(resolve, reject)
    if (signal.aborted) leave()
  })
}
