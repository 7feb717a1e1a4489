import type { Migration } from './migration.ts'

/**
 * What was to be written, for the person who has to find out whether it was; it is kept until that is known. Results become texts of JSON: a column of JSON holds neither the character NUL nor half of
 * a character, and a write whose result cannot be kept would never be known to have been made.
 */
export const writeInputsMigration: Migration = {
  id: 16,
  name: 'write-inputs',
  sql: `
alter table holdfast.outside_writes add column input text;
alter table holdfast.outside_writes alter column result type text using result::text;
`,
}
