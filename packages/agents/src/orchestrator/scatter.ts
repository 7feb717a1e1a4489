import type { ChildReport, GatherResult, Workflow, WorkflowRun } from '../workflows/index.ts'

/** Who is asked, and how long. */
export interface ScatterOptions {
  /** By a name each. 1 to 100. */
  readonly to: Readonly<Record<string, { readonly workflow: Workflow<never>; readonly input: unknown }>>
  /** How many good answers are enough. 1 to all. Default: all. */
  readonly quorum?: number | undefined
  /** Whether it ends as soon as there are enough. Default: false. */
  readonly endAtQuorum?: boolean | undefined
  /** When it ends at the latest, in ms. 1 to 31,536,000,000. Those who are late go on until then, and are ended with it. */
  readonly deadlineMs: number
}

/** What came of it. */
export interface ScatterResult<Output> {
  readonly outputs: Readonly<Record<string, Output>>
  /** Who failed, and with what. */
  readonly failures: Readonly<Record<string, { readonly code: string; readonly message: string }>>
  /** Who has not answered in time. */
  readonly missing: readonly string[]
  readonly isComplete: boolean
  /** Whether there are enough outputs. */
  readonly reachedQuorum: boolean
  readonly endedBy: GatherResult<unknown>['endedBy']
}

/** Hands a question to several workflows, and puts together what they answer: all of them, or enough, or what there is at the deadline, marked. Within the function of a workflow. */
export async function scatter<Output = unknown>(
  run: WorkflowRun,
  name: string,
  { to, quorum, endAtQuorum, deadlineMs }: ScatterOptions,
): Promise<ScatterResult<Output>> {
  const names = Object.keys(to)
  const report = `scatter:${name}`.slice(0, 100)
  for (const specialist of names) {
    const { workflow, input } = to[specialist]!
    await run.delegate(`${name}: ${specialist}`, workflow, input as never, {
      wait: false,
      report,
      source: specialist,
      deadlineMs,
    })
  }
  const gathered = await run.gather<ChildReport<Output>>(name, {
    signal: report,
    expected: names,
    quorum,
    endAtQuorum,
    deadlineMs,
    counts: ({ state }: ChildReport) => state === 'completed',
  })
  const outputs: Record<string, Output> = {}
  const failures: Record<string, { readonly code: string; readonly message: string }> = {}
  for (const { source, payload } of gathered.arrived) {
    if (payload.state === 'completed') outputs[source] = payload.output
    else failures[source] = payload.failure
  }
  return {
    outputs,
    failures,
    missing: gathered.missing,
    isComplete: gathered.isComplete && Object.keys(failures).length === 0,
    reachedQuorum: gathered.reachedQuorum,
    endedBy: gathered.endedBy,
  }
}
