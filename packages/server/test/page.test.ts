import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from './ports.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

// A browser is not among what npm installs.
describe.skipIf(!existsSync(CHROMIUM))('the chat page', { timeout: 60_000 }, () => {
  let server: ChildProcess
  let browser: BrowserContext
  let page: Page
  let profile: string | undefined
  const complaints: string[] = []

  beforeAll(async () => {
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
    const ports = await freePorts()
    const bin = fileURLToPath(new URL('../src/bin/holdfast.ts', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=holdfast-source', bin, 'start'], {
      cwd: fileURLToPath(new URL('./fixture', import.meta.url)),
      env: { PATH, NODE_COMPILE_CACHE, ...ports },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    server = child
    await once(child.stdout, 'data')
    child.stdout.resume()
    profile = mkdtempSync(join(tmpdir(), 'holdfast-page-'))
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
    page = await browser.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`http://127.0.0.1:${ports.PORT}/`)
    await page.waitForSelector('.service')
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    server?.kill('SIGTERM')
    if (profile !== undefined) rmSync(profile, { recursive: true, force: true })
  })

  async function ask(question: string, nth: number): Promise<void> {
    await page.fill('#message', question)
    await page.keyboard.press('Enter')
    await page.waitForFunction((n) => document.querySelectorAll('.origin').length === n, nth)
  }

  const tier = (nth: number) =>
    page
      .locator('.origin')
      .nth(nth - 1)
      .getAttribute('data-tier')

  it('says that it is on the sandbox, and offers questions', async () => {
    expect(await page.title()).toBe('Test desk')
    expect(await page.textContent('#sandbox-banner')).toContain('Running on the sandbox.')
    await page.click('.examples button')
    await page.waitForSelector('.origin')
    expect(await page.textContent('.origin .notice')).toBe('Answered by the usual assistant.')
    expect(await tier(1)).toBe('n8n')
  })

  it('shows who answers while n8n is switched off, and that it heals once it is on again', async () => {
    const service = page.locator('.service[data-service=n8n]')
    await service.locator('select').selectOption('down')
    await page.waitForSelector('#fault-actions:not([hidden])')
    await ask('Four people from Teterboro to Miami on 4 December 2026', 2)
    expect(await tier(2)).toBe('offline')
    expect(await page.locator('.origin').nth(1).textContent()).toContain('did not answer (connection refused)')
    const says = (text: string) =>
      page.waitForFunction((start) => document.querySelector('.service .state')?.textContent?.startsWith(start), text)
    await says('Last call failed at')
    await ask('And for five?', 3)
    await says('In trouble since')

    await page.click('#all-well')
    await page.waitForSelector('#fault-actions', { state: 'hidden' })
    await ask('And for six?', 4)
    expect(await tier(4)).toBe('n8n')
  })

  it('shows what an answer says, and never runs it', async () => {
    const text = [
      '# Head <script>alert(1)</script>',
      '<img src=x onerror=alert(1)> **bold** _soft_ `a<b`',
      '[bad](javascript:alert(1)) [good](https://example.com/?a=1&b=2)',
      '',
      '- one\n- two',
      '1. first\n2) second',
      '| a | b |\n|---|---|\n| 1 | <i>2</i> |',
      '```\n<b>code</b>\n```',
    ].join('\n')
    // As text, because the test's own compiler would rewrite the import.
    const html = await page.evaluate(`import('/page/markdown.js').then(({ renderMarkdown }) => {
      const target = document.createElement('div')
      renderMarkdown(target, ${JSON.stringify(text)})
      return target.innerHTML
    })`)
    expect(html).toBe(
      '<p class="heading">Head &lt;script&gt;alert(1)&lt;/script&gt;</p>' +
        '<p>&lt;img src=x onerror=alert(1)&gt; <strong>bold</strong> <em>soft</em> <code>a&lt;b</code><br>' +
        '[bad](javascript:alert(1)) <a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">good</a></p>' +
        '<ul><li>one</li><li>two</li></ul><ol><li>first</li><li>second</li></ol>' +
        '<div class="table-scroll"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>&lt;i&gt;2&lt;/i&gt;</td></tr></tbody></table></div>' +
        '<pre><code>&lt;b&gt;code&lt;/b&gt;</code></pre>',
    )
  })

  it('fits a phone, and never complains', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(await page.isVisible('#send')).toBe(true)
    expect(complaints).toEqual([])
  })
})
