import type { z } from 'zod'
import { checkName, invalid, wholeFrom } from '../mcp/shared/invalid.ts'
import type { WorkflowRun } from './run.ts'

/** What a workflow is made of. */
export interface WorkflowOptions<Schema extends z.ZodType, Output> {
  /** 1 to 60 lower-case letters, digits and `-`. */
  readonly name: string
  /** 1 to 1,000,000. A run keeps the one it was started with: while there are runs of an old one, keep both. */
  readonly version: number
  /** What is checked when a run is started. */
  readonly input: Schema
  /**
   * What is done. It is run again from the top after each wait, and in a new process: steps that are over give what they gave. So it has to take the same way each time: what it asks of the
   * world (time, chance, services) stands in steps, and it awaits nothing but steps.
   */
  readonly run: (run: WorkflowRun, input: z.output<Schema>) => Promise<Output>
}

/** A function that is finished once it was begun. */
export interface Workflow<Input = unknown, Output = unknown> {
  readonly name: string
  readonly version: number
  readonly input: z.ZodType
  readonly run: (run: WorkflowRun, input: never) => Promise<Output>
  /** Of types alone. */
  readonly '~input'?: ((input: Input) => void) | undefined
}

/**
 * Defines a workflow.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function defineWorkflow<Schema extends z.ZodType, Output>(
  options: WorkflowOptions<Schema, Output>,
): Workflow<z.input<Schema>, Output> {
  const { name, version, input, run } = options
  checkName('name', name)
  wholeFrom('version', version, 1, 1_000_000)
  if (typeof (input as { safeParse?: unknown } | undefined)?.safeParse !== 'function')
    throw invalid('input', 'a schema of zod', input)
  if (typeof run !== 'function') throw invalid('run', 'a function', run)
  return Object.freeze({ name, version, input, run })
}

/** Where workflows are found by their names. */
export interface WorkflowRegistry {
  /** The latest of a name. */
  latest(name: string): Workflow<never> | undefined
  find(name: string, version: number): Workflow<never> | undefined
}

/** @throws HoldfastError `INVALID_OPTION` for two of one name and version. */
export function workflowRegistry(workflows: readonly Workflow<never>[]): WorkflowRegistry {
  const known = new Map<string, Map<number, Workflow<never>>>()
  for (const workflow of workflows) {
    const versions = known.get(workflow.name) ?? new Map<number, Workflow<never>>()
    if (versions.has(workflow.version))
      throw invalid('workflows', 'a list with each version of a name once', `${workflow.name} ${workflow.version}`)
    known.set(workflow.name, versions.set(workflow.version, workflow))
  }
  return {
    latest(name) {
      const versions = known.get(name)
      return versions?.get(Math.max(...versions.keys()))
    },
    find: (name, version) => known.get(name)?.get(version),
  }
}
