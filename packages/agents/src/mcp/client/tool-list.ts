import type { Clock } from '@holdfast/core'
import type { Tool } from '@modelcontextprotocol/client'
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker'
import type { Connection, RequestOptions } from './connection.ts'
import { tooManyTools } from './failures.ts'

/** A tool of a server, as the server describes it. */
export interface McpToolDescription {
  readonly server: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** JSON Schema. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  /** JSON Schema. */
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined
  readonly annotations?: Readonly<NonNullable<Tool['annotations']>> | undefined
}

/** A tool with what its inputs and outputs are checked by. */
export interface ListedTool {
  readonly description: McpToolDescription
  readonly wire: Tool
  /** What is wrong with these arguments; `undefined` for nothing. */
  inputProblem(args: unknown): string | undefined
  outputProblem(output: unknown): string | undefined
}

/** The tools of one server, as they were last read. */
export interface ToolList {
  readonly tools: ReadonlyMap<string, ListedTool>
  /** Whether they were read from this connection, lately, and nothing has changed since, as far as anybody has said. */
  isFresh(connection: Connection | undefined): boolean
  /** Whether they have ever been read. */
  readonly isKnown: boolean
  /** Something has changed. */
  expire(): void
  /** Reads all of them. @returns whether they are others than before. */
  read(connection: Connection, options: RequestOptions): Promise<boolean>
}

/** The longest part of what a validator says that goes into a message, in characters. */
const MAX_PROBLEM = 300

/** Pages that are read at most: a list that goes on and on is a fault. */
const MAX_PAGES = 100

/** Makes a {@link ToolList}. */
export function createToolList(
  server: string,
  clock: Clock,
  limits: { maxTools: number; toolsTtlMs: number },
): ToolList {
  let tools: ReadonlyMap<string, ListedTool> = new Map()
  let shape: string | undefined
  let from: Connection | undefined
  let readAt = -Infinity
  let isExpired = true
  return {
    get tools() {
      return tools
    },
    get isKnown() {
      return shape !== undefined
    },
    isFresh: (connection) =>
      !isExpired && connection !== undefined && connection === from && clock.now() - readAt <= limits.toolsTtlMs,
    expire() {
      isExpired = true
    },
    async read(connection, options) {
      // A change that is told while the list is on its way makes it old again.
      isExpired = false
      let wires: Tool[]
      try {
        wires = connection.hasTools ? await readPages(server, connection, options, limits.maxTools) : []
      } catch (error) {
        isExpired = true
        throw error
      }
      from = connection
      readAt = clock.now()
      const before = shape
      shape = JSON.stringify(wires)
      if (shape === before) return false
      tools = new Map(wires.map((wire) => [wire.name, listedTool(server, wire)]))
      return true
    },
  }
}

async function readPages(
  server: string,
  connection: Connection,
  options: RequestOptions,
  maxTools: number,
): Promise<Tool[]> {
  const tools: Tool[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await connection.listTools(cursor, options)
    tools.push(...reply.tools)
    if (tools.length > maxTools) throw tooManyTools(server, maxTools)
    if (reply.nextCursor === undefined || reply.nextCursor === cursor) return tools
    cursor = reply.nextCursor
  }
  throw tooManyTools(server, maxTools)
}

function listedTool(server: string, wire: Tool): ListedTool {
  const { name, title, description, inputSchema, outputSchema, annotations } = wire
  return {
    description: Object.freeze({
      server,
      name,
      inputSchema,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
      ...(annotations === undefined ? {} : { annotations }),
    }),
    wire,
    inputProblem: checkedBy(inputSchema),
    outputProblem: checkedBy(outputSchema),
  }
}

type Schema = Parameters<CfWorkerJsonSchemaValidator['getValidator']>[0]

/** Made when it is first needed: of a hundred tools, a few are called. A schema that cannot be used allows everything, since the caller is not to blame. */
function checkedBy(schema: unknown): (value: unknown) => string | undefined {
  if (schema === undefined) return () => undefined
  let validate: ReturnType<CfWorkerJsonSchemaValidator['getValidator']> | undefined
  return (value) => {
    try {
      validate ??= new CfWorkerJsonSchemaValidator().getValidator(schema as Schema)
      const { valid, errorMessage } = validate(value)
      return valid ? undefined : (errorMessage ?? 'it does not fit the schema').slice(0, MAX_PROBLEM)
    } catch {
      return undefined
    }
  }
}
