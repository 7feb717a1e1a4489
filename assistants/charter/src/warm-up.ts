import { prepareTools } from './tools/charter-tools.ts'
import { understand } from './understanding/index.ts'

/** Loads the tables and compiles the expressions by reading some questions, and describes the tools, before the first question comes. */
export async function warmUp(questions: readonly string[]): Promise<void> {
  for (const text of questions) understand([{ role: 'user', text }], { now: new Date(0), timeZone: 'UTC' })
  await prepareTools()
}
