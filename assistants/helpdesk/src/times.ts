/** Time slices and waits of the help desk's tiers, in ms. */
export const HELPDESK_TIMES: Readonly<{
  /** To the beginning of the answer, whatever hangs. */
  deadlineMs: number
  /** What all models together get. */
  modelMs: number
  /** The next model starts beside one that has been silent for so long. */
  nextModelAfterMs: number
  /** What is remembered, or prepared for the question, is said beside models that have been silent for so long. */
  preparedAfterMs: number
  /** What a tier gets that asks nobody, or only for the vector of a question. */
  preparedMs: number
}> = Object.freeze({
  deadlineMs: 10_000,
  modelMs: 8_000,
  nextModelAfterMs: 1_500,
  preparedAfterMs: 3_000,
  preparedMs: 500,
})
