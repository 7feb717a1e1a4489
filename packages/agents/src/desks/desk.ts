import type { AssistantRuntime } from '@holdfast/ai'
import type { Store } from '@holdfast/store/database'
import type { McpRegistry } from '../mcp/index.ts'
import type { EventTrigger } from '../orchestrator/index.ts'
import type { Sync } from '../sync/index.ts'
import type { Workflow, Workflows } from '../workflows/index.ts'

/** What a desk is built with: what an assistant is, the store, and the tools that it has named. */
export interface DeskRuntime extends Omit<AssistantRuntime, 'memory'> {
  readonly store: Pick<Store, 'withClaims' | 'asWorker'>
  /** Its tool servers; of those that it can do without, the ones that are set up. A call with an `idempotencyKey` among its arguments is remembered in the store, by whichever server it is made. */
  readonly tools: Pick<McpRegistry, 'callTool' | 'tools' | 'snapshot'>
  /** Clients, quotes and aircraft as several sources together know them; `undefined` where nobody has set any up. */
  readonly sync?: Pick<Sync, 'find'> | undefined
}

/** What somebody asks for. */
export interface NewRequest {
  /** In his own words. 1 to 10,000 characters. */
  readonly text: string
  /** Who asks, as far as that is known. */
  readonly client?: { readonly name?: string | undefined; readonly email?: string | undefined } | undefined
  /** Anything else that the desk knows to read. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** What a desk makes of it: what is done, or what it has to ask back. */
export type OpenedRequest =
  | {
      readonly workflow: Workflow<never>
      readonly input: unknown
      /** What was understood, to be kept with the request. */
      readonly criteria: Readonly<Record<string, unknown>>
    }
  | { readonly missing: readonly string[]; readonly question: string }

/** What came from outside, at an address that the desk has given out. */
export interface DeskHook {
  readonly tenant: string
  readonly body: unknown
  readonly workflows: Pick<Workflows, 'signal'>
  readonly signal: AbortSignal
}

/** Something that is done at a time, again and again. */
export interface DeskSchedule {
  /** 1 to 60 lower-case letters, digits and `-`. */
  readonly name: string
  /** Five fields. */
  readonly cron: string
  /** IANA name. */
  readonly timeZone: string
  readonly workflow: Workflow<never>
  /** What the workflow is given. It is started for each time that it was due, however late, and for those that were missed, up to 31 of them. */
  input(time: ScheduledTime): unknown
}

/** A time of a schedule, with the one before: what lies between belongs to it, and to no other. Wall times in ms since the Unix epoch. */
export interface ScheduledTime {
  /** When it was due before; that belongs to this one. A time that was not made up for is left out. */
  readonly from: number
  /** When it is due. */
  readonly until: number
}

/** A desk at work. */
export interface Desk {
  /** All that it starts, and all that those delegate to. */
  readonly workflows: readonly Workflow<never>[]
  /** Reads a request. Asks nobody. */
  open(request: NewRequest): OpenedRequest
  /** By their names. Default: none. */
  readonly hooks?: Readonly<Record<string, (hook: DeskHook) => Promise<void>>> | undefined
  /** Default: none. */
  readonly schedules?: readonly DeskSchedule[] | undefined
  /** Workflows that events of the store start, each event once, also one of a time when nobody worked. Their `input` is given the payload. Default: none. */
  readonly triggers?: readonly EventTrigger[] | undefined
  /** Lets go of what it has opened. */
  close?(): Promise<void>
}

/** A call of a tool as a desk makes it. */
export interface DeskToolCall {
  readonly server: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

/** A desk that a server can run: it takes requests that are worked on for hours or days. */
export interface DeskDefinition {
  /** The name callers use. 1 to 60 lower-case letters, digits and `-`. */
  readonly name: string
  /** For people: `Charter desk`. */
  readonly title: string
  /** Names of the integrations it needs; each must be configured. */
  readonly integrations: readonly string[]
  /** Names of the language models it uses; each must be configured. Default: none. */
  readonly models?: readonly string[] | undefined
  /** Names of the MCP servers whose tools it calls, such as `avinode`: those of the connectors, or others that the configuration puts in their place. Default: none. */
  readonly toolServers?: readonly string[] | undefined
  /** The same of those that it can do without: they are there where somebody has set them up, or while all of `toolServers` are on the sandbox too. Default: none. */
  readonly optionalToolServers?: readonly string[] | undefined
  /** One call of each of their tools, with all that it may be given: by these `holdfast check` sees whether servers of others will do. They are never made. Default: none. */
  readonly toolCalls?: readonly DeskToolCall[] | undefined
  build(runtime: DeskRuntime): Desk | Promise<Desk>
}

/** Declares a desk; returns it as it is, typed. */
export function defineDesk(definition: DeskDefinition): DeskDefinition {
  return definition
}
