/*
 * Learns the weights of words of the emergency triage from the messages it is tuned on, never from the held-out half, and writes them
 * into its tables. Run it with `npm run learn:triage` when the messages or the spelling of a table have changed.
 */
import { writeFileSync } from 'node:fs'
import { learnWords, TRIAGE_TABLES } from '@holdfast/ai/triage'
import { loadOthers, loadPractice, loadTune } from './labelled.ts'

const NAMES: Readonly<Record<string, string>> = { en: 'ENGLISH_WORDS', it: 'ITALIAN_WORDS' }
const examples = [...loadTune(), ...loadPractice(), ...loadOthers()]

for (const table of TRIAGE_TABLES) {
  const { base, weights } = learnWords(
    table,
    examples.filter(({ language }) => language === table.language),
  )
  const rows = Object.entries(weights).map(([points, words]) => `    '${points}': '${words}',\n`)
  writeFileSync(
    new URL(`../../../../packages/ai/src/triage/tables/${table.language}-words.ts`, import.meta.url),
    `import type { TriageWords } from '../table.ts'

/** Made of the labelled messages of the help desk by \`npm run learn:triage\`. Not to be changed by hand. */
export const ${NAMES[table.language]}: TriageWords = {
  base: ${base},
  weights: {
${rows.join('')}  },
}
`,
  )
  console.log(table.language, 'base', base, 'words', Object.values(weights).join(' ').split(' ').length)
}
