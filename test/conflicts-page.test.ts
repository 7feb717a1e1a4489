import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as playwright, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from '../scripts/services.ts'
import { startMember, until, type Member } from './harness/fleet.ts'
import { freePorts } from './harness/ports.ts'

const KEY = 'key-of-acme-on-the-page'
const HOSTILE = '<img src=x onerror=alert(1)><b>Globex & Sons</b>'
const found = chromium()
if ('missing' in found && process.env['CI'] === 'true') throw new Error(found.missing)

let data: string
let server: Member
let url: string
let sandboxPort: number
let browser: BrowserContext
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  if ('missing' in found) return
  data = await mkdtemp(join(tmpdir(), 'holdfast-conflicts-'))
  const port = await freePorts(7)
  sandboxPort = port + 1
  url = `http://127.0.0.1:${port}`
  const env = { PORT: String(port), SANDBOX_PORT: String(sandboxPort), HOLDFAST_API_KEYS: `acme:${KEY}` }
  server = startMember('start', { ...env, TEST_DATA_DIRECTORY: join(data, 'store') }, 'sync')
  browser = await playwright.launchPersistentContext(join(data, 'profile'), {
    executablePath: found.path,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
  page = await browser.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => void (complaints.push(dialog.message()), dialog.dismiss()))
  await until('the first pulls', async () => (await states()).every((state) => state === 'done'), 180_000)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (data !== undefined) await rm(data, { recursive: true, force: true })
})

async function states(): Promise<readonly string[]> {
  const { sources } = (await (await fetch(`${url}/sync`, { headers: { authorization: `Bearer ${KEY}` } })).json()) as {
    sources: readonly { readonly state: string }[]
  }
  return sources.map(({ state }) => state)
}

/** Changes the company of the first contacts of the CRM. */
async function changeCompanies(...companies: readonly string[]): Promise<void> {
  const contacts = `http://127.0.0.1:${sandboxPort + 3}/hubspot/crm/objects/2026-03/contacts`
  const headers = { authorization: 'Bearer sandbox-key', 'content-type': 'application/json' }
  const { results } = (await (await fetch(`${contacts}?limit=${companies.length}`, { headers })).json()) as {
    results: readonly { readonly id: string }[]
  }
  for (const [at, company] of companies.entries()) {
    const body = JSON.stringify({ properties: { company } })
    expect((await fetch(`${contacts}/${results[at]!.id}`, { method: 'PATCH', headers, body })).ok).toBe(true)
  }
}

it.skipIf('missing' in found)(
  'shows what sources say as text, takes a person’s answers, and says which source is down',
  { timeout: 180_000 },
  async () => {
    await page.goto(`${url}/page/conflicts`)
    await page.getByLabel('API key').fill(KEY)
    await page.getByRole('button', { name: 'Use this key' }).click()
    await page.getByText('Nothing waits.').waitFor()
    expect(await page.isVisible('#key-form')).toBe(false)

    await changeCompanies(HOSTILE, 'Another Name Ltd')
    const crm = page.locator('.source', { has: page.getByText('crm', { exact: true }) })
    await crm.getByRole('button', { name: 'Pull now' }).click()
    const queue = page.locator('#conflicts')
    const look = page.getByRole('button', { name: 'Look again' })
    const waiting = page.locator('.conflict', { hasText: 'Which company has this client?' })
    await until('two conflicts', async () => {
      await look.click()
      await page.waitForTimeout(300)
      return (await waiting.count()) === 2
    })
    expect(await page.textContent('#count')).toBe('(2)')
    // However many there were when the sources were looked at: what is counted is what is shown.
    await page.route('**/sync', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), conflicts: { client: 1 } } })
    })
    await look.click()
    await page.waitForTimeout(500)
    expect([await page.textContent('#count'), await waiting.count()]).toEqual(['(2)', 2])
    await page.unroute('**/sync')

    // The hostile one may be either of them.
    const questions = page.locator('.conflict .title button')
    for (const at of [0, 1]) await questions.nth(at).click()
    const hostile = page.locator('.conflict', { hasText: HOSTILE })
    await hostile.locator('.said').waitFor()
    await look.click()
    await page.waitForTimeout(500)
    expect(await page.locator('main img, main b').count()).toBe(0)
    await hostile.getByRole('row', { name: 'sheet' }).getByRole('button', { name: 'This one' }).click()
    await queue.getByText('Resolved.').waitFor()
    expect(await page.textContent('#count')).toBe('(1)')

    // The other is resolved elsewhere, while it is open here.
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
    const { conflicts } = (await (await fetch(`${url}/conflicts`, { headers })).json()) as {
      conflicts: { id: string }[]
    }
    const body = JSON.stringify({ value: 'Said elsewhere' })
    const resolved = await fetch(`${url}/conflicts/${conflicts[0]!.id}/resolve`, { method: 'POST', headers, body })
    expect(resolved.status).toBe(200)
    await page.getByLabel('Another value').fill('Said too late')
    await page.getByRole('button', { name: 'Use this', exact: true }).click()
    await queue.getByText('Somebody was quicker, or it has changed: look again.').waitFor()

    const fault = JSON.stringify({ service: 'hubspot', fault: 'down' })
    const set = { method: 'POST', headers: { 'content-type': 'application/json' }, body: fault }
    expect((await fetch(`http://127.0.0.1:${sandboxPort}/faults`, set)).ok).toBe(true)
    await crm.getByRole('button', { name: 'Pull now' }).click()
    await until('the failure', async () => {
      await look.click()
      await page.waitForTimeout(300)
      return page.getByText('Failed once: HubSpot').isVisible()
    })
    await page.getByText('Nothing waits.').waitFor()

    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    const [title, button] = await Promise.all([
      page.getByRole('heading', { level: 1 }).boundingBox(),
      look.boundingBox(),
    ])
    expect(title!.x + title!.width).toBeLessThanOrEqual(button!.x)
    expect(complaints).toEqual([])
  },
)
