/** Time slices and waits of the desk's tiers, in ms. Together they keep the first word within `deadlineMs`, whatever hangs. */
export const CHARTER_TIMES: Readonly<{
  deadlineMs: number
  n8nMs: number
  hedgeAfterMs: number
  directMs: number
  staleAfterMs: number
  offlineAfterMs: number
  agentMs: number
  agentHedgeAfterMs: number
  modelHedgeAfterMs: number
  rulesMs: number
}> = Object.freeze({
  deadlineMs: 19_000,
  n8nMs: 15_000,
  hedgeAfterMs: 1_500,
  directMs: 14_000,
  staleAfterMs: 5_000,
  offlineAfterMs: 8_000,
  agentMs: 9_000,
  agentHedgeAfterMs: 6_000,
  modelHedgeAfterMs: 3_000,
  rulesMs: 5_000,
})
