/** An attempt was struck by a fault of a rehearsal. */
export interface ChaosInjected {
  readonly type: 'chaos-injected'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the chaos. */
  readonly chaos: string
  readonly inject: 'fault' | 'latency' | 'hang' | 'result' | 'behaviour'
}
