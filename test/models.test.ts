import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { ask } from './harness/ask.ts'
import { startDesk, type Desk } from './harness/desk.ts'

const KEYS = { MY_OPENAI_KEY: 'sk-openai-of-the-test', MY_ANTHROPIC_KEY: 'sk-anthropic-of-the-test' }

let desk: Desk
beforeAll(async () => {
  desk = await startDesk({ directory: fileURLToPath(new URL('fixture/models', import.meta.url)), env: KEYS })
  // The workflow is out of the way, so that the tier `direct` answers.
  await desk.fault('n8n', 'down')
})
afterEach(async () => {
  await desk.clearFaults()
  await desk.fault('n8n', 'down')
  await desk.forgetRequests()
  await desk.resetCircuits()
})
afterAll(async () => {
  await desk.stop('SIGKILL')
})

const asked = async (service: 'llm' | 'anthropic'): Promise<number> => (await desk.requests(service)).length

it('asks the first of two configured models, and the second not at all', async () => {
  const answer = await ask(desk)
  expect(answer.tier).toBe('direct')
  expect(answer.text).not.toBe('')
  expect([(await asked('llm')) > 0, await asked('anthropic')]).toEqual([true, 0])
})

it('answers from the second while the first is down, with the tools, and shows it', async () => {
  await desk.fault('llm', 'down', { path: '/v1/' })
  const answer = await ask(desk)
  expect(answer.tier).toBe('direct')
  const bodies = (await desk.requestsWithBodies()).filter(({ service }) => service === 'anthropic')
  // The call of a tool, and the answer from its result.
  expect(bodies.length).toBeGreaterThanOrEqual(2)
  expect(bodies.some(({ body }) => body?.includes('tool_result') === true)).toBe(true)

  const { dependencies } = (await (await fetch(`${desk.url}/health`)).json()) as {
    dependencies: { name: string; lastError?: { code: string }; lastSuccessAt?: string }[]
  }
  expect(dependencies.map(({ name }) => name)).toEqual(['n8n', 'apollo', 'avinode', 'gpt', 'claude'])
  expect(dependencies.find(({ name }) => name === 'gpt')?.lastError?.code).toMatch(/^CONNECTION_/)
  expect(dependencies.find(({ name }) => name === 'claude')?.lastSuccessAt).toBeDefined()
})

it('answers without a model when both are down', async () => {
  await desk.fault('llm', 'down')
  const answer = await ask(desk)
  expect(answer.tier).toBe('direct')
  expect(answer.text).not.toBe('')
})

it('says at the start which models there are, and never a key', () => {
  expect(desk.output()).toMatch(/Model gpt +real +gpt-5-mini at http:\/\/127\.0\.0\.1/)
  expect(desk.output()).not.toContain('OPENAI_API_KEY')
  for (const key of Object.values(KEYS)) expect(desk.output()).not.toContain(key)
})
