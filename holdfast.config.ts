import { charterAssistant } from '@holdfast/assistant-charter'
import { charterRequests } from '@holdfast/assistant-charter/requests'
import { helpdeskAssistant } from '@holdfast/assistant-helpdesk'
import { defineConfig } from '@holdfast/server'

// What is served, and how each dependency is guarded. Keys and addresses are not in here: they come from the environment
// or from .env (see .env.example). Checked at the start; docs/guides/configuration.md lists every setting.
export default defineConfig({
  // How a customer reaches a person when nothing else works.
  contact: {
    name: 'the charter desk',
    phone: '+1 555 0100',
    email: 'desk@example.com',
    hours: 'at any hour',
  },

  integrations: {
    n8n: {
      kind: 'webhook',
      deadlineMs: 15_000,
      attemptTimeoutMs: 15_000,
      // The next tier is quicker than a second try.
      retry: { maxRetries: 0 },
      breaker: {
        windowMs: 30_000,
        minimumCalls: 5,
        failureRatio: 0.5,
        slowCallMs: 5_000,
        slowRatio: 0.5,
        openMs: 5_000,
        maxOpenMs: 30_000,
        rampUpMs: 30_000,
        rampUpMinimumShare: 0.1,
      },
    },
    llm: {
      kind: 'ai-service',
      deadlineMs: 9_000,
      attemptTimeoutMs: 8_000,
      idleTimeoutMs: 8_000,
      retry: { maxRetries: 1 },
    },
    apollo: {
      kind: 'external-api',
      deadlineMs: 5_000,
      attemptTimeoutMs: 4_000,
      retry: { maxRetries: 1 },
    },
    avinode: {
      kind: 'external-api',
      deadlineMs: 5_000,
      attemptTimeoutMs: 4_000,
      retry: { maxRetries: 1 },
    },
    resend: {
      kind: 'mail',
      deadlineMs: 15_000,
      attemptTimeoutMs: 10_000,
    },
  },

  assistants: [
    charterAssistant(),
    helpdeskAssistant({
      company: 'Example Ltd',
      contact: {
        name: 'the IT help desk',
        phone: '+1 555 0199',
        email: 'it@example.com',
        hours: 'Monday to Friday, 8 to 18',
      },
      // Of the same service as the first one: name another, or leave it out, where OPENAI_BASE_URL is not OpenAI's.
      secondModel: 'gpt-5-nano',
    }),
  ],

  // "The server is down and nobody can work": phone number and ticket before all else, whatever is broken. Each server that is
  // started here keeps its tickets in a directory of its own.
  emergency: { assistants: ['helpdesk'], directory: `.data/emergency-${process.env['PORT'] ?? 4600}` },

  // Requests that are worked on for hours: POST /requests. They are kept in .data, or where DATABASE_URL says. The operators of
  // the sandbox answer within a minute; real ones are given some hours (`quoteWaitMs`).
  desks: [charterRequests({ quoteWaitMs: 120_000, lookEveryMs: 5_000 })],
})
