import { createIntegration } from '@holdfast/core'
import type { CallOptions, Clock, CoreEvent, Events, Integration, Random } from '@holdfast/core'
import { createBulkhead } from '@holdfast/core/admission'
import { ProtocolError } from '@modelcontextprotocol/client'
import type { Progress } from '@modelcontextprotocol/client'
import type { Connection } from './connection.ts'
import type { McpEvent } from './events.ts'
import {
  invalidArguments,
  isInvalidOutput,
  isOtherVersion,
  listTimeout,
  mcpFailure,
  unknownTool,
  withoutEffect,
} from './failures.ts'
import { createLink } from './link.ts'
import type { Link } from './link.ts'
import type { ResolvedServer } from './options.ts'
import { readResult } from './result.ts'
import type { McpToolResult } from './result.ts'
import { createToolList } from './tool-list.ts'
import type { ListedTool, ToolList } from './tool-list.ts'
import { within } from './within.ts'

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
  /** Rejects as {@link callTool} does where it makes no call. */
  checkCall(tool: string, args: object, options: McpCallOptions): Promise<void>
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

/** A day: there is no longer deadline. */
const LONGEST_MS = 86_400_000

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
        // A tool that is not there any more, or takes other arguments, is refused so.
        else if (error instanceof ProtocolError) list.expire()
        if (!isForgotten || isSecond) throw mcpFailure(name, error)
      }
    }
  }

  let reading: Promise<void> | undefined

  /** Reads the list, unless somebody does already: all who come meanwhile get that one, which is no one caller's, and goes on when one of them leaves. */
  function readList(): Promise<void> {
    if (reading !== undefined) return reading
    const work = integration.call(
      (context) =>
        attempt(context, async (connection, timeLeftMs) => {
          if (list.isFresh(connection)) return
          const changed = await list.read(connection, { signal: context.signal, timeLeftMs })
          report({ type: 'mcp-tools-read', at: clock.wallTime(), server: name, tools: list.tools.size, changed })
        }),
      { idempotent: true, operation: 'tools/list' },
    )
    reading = work
    const over = (): void => void (reading = undefined)
    work.then(over, over)
    return work
  }

  /** Reads the list for one caller. @throws HoldfastError with `mayHaveTakenEffect: false`; the signal's reason */
  async function refreshed({ signal, deadlineMs = Infinity }: McpCallOptions): Promise<void> {
    if (list.isFresh(link.current)) return
    try {
      await within(readList(), clock, Math.min(deadlineMs, LONGEST_MS), signal, () => listTimeout(name, deadlineMs))
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      throw withoutEffect(error)
    }
  }

  /** @throws HoldfastError `MCP_UNKNOWN_TOOL` or `MCP_INVALID_ARGUMENTS`, but not by a list that may be old */
  async function findTool(tool: string, args: object, callOptions: McpCallOptions): Promise<ListedTool> {
    // What is known serves while it is read again.
    if (!list.isKnown) await refreshed(callOptions)
    else if (!list.isFresh(link.current)) readList().catch(() => undefined)
    const look = (): { found: ListedTool | undefined; problem: string | undefined } => {
      const found = list.tools.get(tool)
      return { found, problem: found?.inputProblem(args) }
    }
    let { found, problem } = look()
    if ((found === undefined || problem !== undefined) && !list.isFresh(link.current)) {
      await refreshed(callOptions)
      ;({ found, problem } = look())
    }
    if (found === undefined) throw unknownTool(name, tool, [...list.tools.keys()])
    if (problem !== undefined) throw invalidArguments(name, tool, problem)
    return found
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
      const found = await findTool(tool, args, { ...callOptions, deadlineMs })
      const { readOnlyHint, idempotentHint } = (trustHints && found.wire.annotations) || {}
      const { onProgress, ...rest } = callOptions
      try {
        return await integration.call(
          (context) =>
            attempt(context, async (connection, timeLeftMs) => {
              const { signal } = context
              const startedAt = clock.now()
              const result = await connection.callTool(tool, args, { signal, timeLeftMs, tool: found.wire, onProgress })
              const read = (): McpToolResult =>
                readResult(name, tool, list.tools.get(tool) ?? found, result, maxResultBytes)
              try {
                return read()
              } catch (error) {
                if (list.isFresh(connection) || !isInvalidOutput(error)) throw error
                // It may be right by what the tool announces now.
                await list.read(connection, { signal, timeLeftMs: timeLeftMs - (clock.now() - startedAt) })
                return read()
              }
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
    async checkCall(tool, args, callOptions) {
      callOptions.signal?.throwIfAborted()
      await findTool(tool, args, callOptions)
    },
    async tools(callOptions) {
      try {
        await refreshed(callOptions)
      } catch (error) {
        // What it could do a moment ago it can probably still do, once it is back.
        if (callOptions.signal?.aborted === true || !list.isKnown) throw error
      }
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
