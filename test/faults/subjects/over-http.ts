import { defineAssistant } from '@holdfast/ai'
import { defineConfig, readEnvironment, startServer } from '@holdfast/server'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { freePorts } from '../../harness/ports.ts'
import { askAiSdk } from '../ai-sdk.ts'
import type { Subject } from '../subject.ts'
import { failoverOf } from './holdfast.ts'

const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }

/** What a server says no to does not depend on the fault. */
const REFUSED_UNDER = ['none', '500']

/**
 * The same failover as an assistant of a server, asked by `POST /v1/chat/completions`. An assistant brings its own tools, and answers in text: who sends tools or wants JSON is told so, rather than
 * given what he has not asked for.
 */
export const overHttp: Subject = {
  name: 'Holdfast, /v1',
  version: 'this',
  has: ({ wants }, { title }) => wants === 'text' || REFUSED_UNDER.includes(title),
  refuses: ({ wants }) => wants !== 'text',
  async pair(first, second) {
    const assistant = defineAssistant({
      name: 'pair',
      title: 'Two models',
      description: 'Two models that stand in for each other.',
      integrations: [],
      build: () => failoverOf(first, second),
    })
    const real = {
      N8N_WEBHOOK_URL: first.baseUrl,
      OPENAI_API_KEY: first.apiKey,
      APOLLO_API_KEY: 'none',
      AVINODE_API_TOKEN: 'none',
    }
    const server = await startServer({
      config: defineConfig({
        contact: { name: 'nobody', phone: '+1 555 0100' },
        integrations: {},
        assistants: [assistant],
      }),
      environment: readEnvironment({ ...real, PORT: String(await freePorts(1)) }),
      log: quiet,
    })
    const provider = createOpenAICompatible({
      name: 'holdfast',
      baseURL: `${server.url}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })
    const model = provider('pair')
    return {
      ask: (mode, signal) =>
        askAiSdk(model, mode, signal, ({ headers }) => headers?.['x-holdfast-served-by']?.split(':').at(-1) ?? ''),
      close: () => server.stop(),
    }
  },
}
