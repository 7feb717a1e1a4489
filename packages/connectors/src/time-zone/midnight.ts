const DAY_MS = 86_400_000

/** From a wall time to the next midnight of a time zone, in ms. On a day when clocks are set it may be an hour off. */
export function untilMidnight(now: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  const sinceMs = ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1_000 + (now % 1_000)
  return DAY_MS - sinceMs
}

/** Whether there is such a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}
