import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as playwright, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from '../scripts/services.ts'
import { startDesk, type Desk } from './harness/desk.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const found = chromium()
if ('missing' in found && process.env['CI'] === 'true') throw new Error(found.missing)

let desk: Desk
let browser: BrowserContext
let page: Page
let profile: string
const complaints: string[] = []

beforeAll(async () => {
  if ('missing' in found) return
  desk = await startDesk()
  profile = await mkdtemp(join(tmpdir(), 'holdfast-page-'))
  browser = await playwright.launchPersistentContext(profile, {
    executablePath: found.path,
    headless: true,
    args: FLAGS,
  })
  page = await browser.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(desk.url)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await desk?.stop()
  if (profile !== undefined) await rm(profile, { recursive: true, force: true })
})

/** Asks on the page, waits for the whole answer, and reads what a customer reads. */
async function ask(question: string): Promise<{ text: string; notice: string; tier: string | null }> {
  const answers = page.locator('.message.from-assistant')
  const before = await answers.count()
  await page.getByLabel('Your message').fill(question)
  await page.getByRole('button', { name: 'Send' }).click()
  const answer = answers.nth(before)
  await answer.locator('.origin').waitFor({ timeout: 30_000 })
  return {
    text: await answer.locator('.answer').innerText(),
    notice: await answer.locator('.notice').innerText(),
    tier: await answer.locator('.origin').getAttribute('data-tier'),
  }
}

it.skipIf('missing' in found)(
  'lets a visitor choose the help desk, and shows where its answers come from',
  async () => {
    await page.getByRole('combobox', { name: 'Assistant' }).selectOption('IT help desk')
    await expect.poll(() => page.title()).toBe('IT help desk')
    await page.getByRole('button', { name: 'Quando siete aperti?' }).waitFor()

    const usual = await ask('The printer in the hall does not print')
    expect(usual.tier).toBe('model')
    expect(usual.notice).toBe('Answered by the usual assistant.')

    const llm = serviceOf('llm')
    await llm.getByRole('combobox').selectOption('down')
    await expect.poll(async () => (await desk.sandboxFaults()).includes('llm:down')).toBe(true)
    const prepared = await ask('Quando siete aperti?')
    expect(prepared.tier).toBe('template')
    expect(prepared.text).toContain('Siamo disponibili')
    expect(prepared.notice).toContain('A prepared reply')

    await llm.getByRole('combobox').selectOption('')
    await expect
      .poll(async () => (await ask('Outlook does not start')).tier, { timeout: 60_000, interval: 1_000 })
      .toBe('model')
    await page.getByRole('combobox', { name: 'Assistant' }).selectOption('Charter desk')
    await expect.poll(() => page.title()).toBe('Charter desk')
    await page.getByRole('button', { name: 'Teterboro to Miami on Friday for 4' }).waitFor()
    expect(complaints).toEqual([])
  },
)

const serviceOf = (name: string) => page.locator(`.service[data-service="${name}"]`)

it.skipIf('missing' in found)(
  'shows a customer n8n failing, the direct answer, and n8n healing',
  { timeout: 180_000 },
  async () => {
    await page.getByText('Running on the sandbox.').waitFor()

    const usual = await ask('Four people from Teterboro to Miami on 4 December 2026')
    expect(usual.tier).toBe('n8n')
    expect(usual.text).toMatch(/Teterboro|TEB/)

    const n8n = serviceOf('n8n')
    await n8n.getByRole('combobox').selectOption('down')
    await expect.poll(async () => (await desk.sandboxFaults()).includes('n8n:down')).toBe(true)

    const degraded = await ask('Six people from Boston to Aspen on 18 December 2026')
    expect(degraded.tier).toBe('direct')
    expect(degraded.text).toMatch(/Boston|BOS|BED/)
    expect(degraded.notice).not.toBe(usual.notice)
    expect(degraded.notice).toMatch(/direct/i)

    for (let more = 0; more < 5; more += 1) await ask(`Two people from Dallas to Houston on ${more + 10} December 2026`)
    await expect.poll(() => n8n.innerText(), { timeout: 10_000 }).toMatch(/Not used|tried/)

    await n8n.getByRole('combobox').selectOption('')
    await expect
      .poll(
        async () => {
          await ask('Three people from Chicago to Denver on 20 December 2026')
          return n8n.innerText()
        },
        { timeout: 90_000, interval: 1_000 },
      )
      .toMatch(/Works|Coming back/)
    await expect
      .poll(async () => (await ask('Three people from Chicago to Denver on 20 December 2026')).tier, {
        timeout: 60_000,
        interval: 1_000,
      })
      .toBe('n8n')

    // A refused poll while a fault is being switched is not the page's fault; a broken script is.
    expect(complaints).toEqual([])
  },
)
