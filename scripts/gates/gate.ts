import type { Ended } from './command.ts'

export interface GateResult extends Ended {
  /** Single tests, where the gate consists of them; without, the gate counts as one. */
  readonly tests?: { readonly passed: number; readonly failed: number }
  /** What must be seen even though the gate is open. */
  readonly notes?: readonly string[]
}

/** One thing that must hold before a change is taken. */
export interface Gate {
  readonly name: string
  /** What it holds, in a few words; for `--list`. */
  readonly about: string
  run(): Promise<GateResult>
}
