import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))
const CORE = new URL('../src/index.ts', import.meta.url).href

/** Far less than any timeout in the programs, and far more than a busy machine needs to end a process. */
const AT_ONCE_MS = 5_000

/** Runs a program that uses core in a process of its own, which tells what keeps it alive after its last line. */
function run(program: string): Promise<{ readonly code: number | null; readonly output: string; readonly ms: number }> {
  const source = `import { createIntegration } from '${CORE}'\n${program}\nconsole.log('ready', performance.now(), ...process.getActiveResourcesInfo())\nprocess.on('exit', () => console.log('exit', performance.now()))`
  return new Promise((resolve) => {
    const child = spawn(NODE, ['--conditions=holdfast-source', '--input-type=module', '--eval', source])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.on('close', (code) => {
      const [ready = 0, exit = 0] = [...output.matchAll(/(?:ready|exit) ([\d.]+)/g)].map(([, ms]) => Number(ms))
      resolve({ code, output, ms: exit - ready })
    })
  })
}

describe('a process that has used an integration', { timeout: 60_000 }, () => {
  it('ends at once when its calls have ended, whatever their timeouts were (B24)', async () => {
    const { code, output, ms } = await run(`
      const crm = createIntegration({ name: 'crm', attemptTimeoutMs: 20_000 })
      for (let i = 0; i < 100; i++) await crm.call(() => Promise.resolve(i))
    `)
    expect(code, output).toBe(0)
    expect(output).not.toContain('Timeout')
    expect(ms, output).toBeLessThan(AT_ONCE_MS)
  })

  it('stays until a call that hangs has been cut (B24)', async () => {
    const { code, output } = await run(`
      const crm = createIntegration({ name: 'crm', attemptTimeoutMs: 200 })
      await crm.call(() => Promise.resolve(1))
      crm.call(() => new Promise(() => undefined)).catch((error) => console.log(error.code))
    `)
    expect(code, output).toBe(0)
    expect(output).toMatch(/Timeout[^]*ATTEMPT_TIMEOUT/)
  })
})
