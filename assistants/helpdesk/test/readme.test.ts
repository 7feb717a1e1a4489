import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { HELPDESK_CLAIMS, HELPDESK_INTENTS, HELPDESK_TIMES, helpdeskAssistant } from '../src/index.ts'
import { startDesk } from './desk.ts'

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')

/** The first cells of the rows under a heading. */
function rows(heading: string): string[] {
  const part = page.slice(page.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? ''
  return [...part.matchAll(/^\| `([\w-]+)` /gm)].map(([, name = '']) => name)
}

it('lists every option, and no other', () => {
  const options = source.slice(source.indexOf('interface HelpdeskOptions'), source.indexOf('/** @returns'))
  expect(rows('Options')).toEqual([...options.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name))
})

it('lists every tier, in its order', async () => {
  const desk = startDesk()
  desk.down()
  const { provenance } = await desk.ask('Please write me a poem about the sea')
  const passed = provenance.attempts.map(({ tier }) => tier).filter((tier) => !tier.includes('/'))
  expect(rows('Tiers')).toEqual(['emergency', ...passed, 'last-word'])
})

it('tells the times, the claims and the intents that there are', () => {
  const seconds = (ms: number): string => `${ms / 1_000} s`
  const { modelMs, nextModelAfterMs, preparedAfterMs } = HELPDESK_TIMES
  for (const time of [modelMs, nextModelAfterMs, preparedAfterMs]) expect(page).toContain(seconds(time))
  for (const claim of Object.keys(HELPDESK_CLAIMS)) expect(page).toContain(`\`${claim}\``)
  const own = HELPDESK_INTENTS[0]!.intents.slice(-4).map(({ id }) => `\`${id}\``)
  expect(page).toContain(own.join(', '))
  expect(page).toContain(helpdeskAssistant().name)
})
