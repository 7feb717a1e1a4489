/** A table of names and patterns, compiled. */
export interface Term {
  readonly name: string
  readonly pattern: RegExp
}

/** Compiles a table of names and alternations to patterns of whole words. */
export function compileTerms(table: readonly (readonly [string, string])[]): Term[] {
  return table.map(([name, pattern]) => ({ name, pattern: new RegExp(`(?<![\\w@.])(?:${pattern})(?![\\w@])`, 'g') }))
}
