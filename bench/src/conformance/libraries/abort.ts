/** Whether an error says that a caller gave up; for libraries that have to be told which errors count. */
export function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === 'AbortError'
}
