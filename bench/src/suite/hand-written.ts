/**
 * What one would write by hand, without a timer: a bulkhead, tries, a breaker of failures in a row, and a look at the clock instead of a time limit.
 */
export function handWritten(maxConcurrent: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  let failures = 0
  let openUntil = 0
  return async (work) => {
    if (running >= maxConcurrent) throw new Error('full')
    running += 1
    const deadlineAt = performance.now() + 30_000
    try {
      for (let attempt = 1; ; attempt++) {
        if (performance.now() < openUntil) throw new Error('open')
        try {
          const value = await work()
          failures = 0
          return value
        } catch (error) {
          failures += 1
          if (failures >= 5) openUntil = performance.now() + 5_000
          if (attempt > 2 || performance.now() > deadlineAt) throw error
        }
      }
    } finally {
      running -= 1
    }
  }
}
