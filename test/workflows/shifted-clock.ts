/* Makes the wall clock of this process wrong by so many ms. For `node --import`, before all that reads it. */
const Right = Date
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0)

globalThis.Date = class extends Right {
  constructor(...given: [] | [string | number | Date]) {
    if (given.length === 0) super(Right.now() + shiftMs)
    else super(given[0])
  }

  static override now(): number {
    return Right.now() + shiftMs
  }
} as DateConstructor
