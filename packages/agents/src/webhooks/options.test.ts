import type { Store } from '@holdfast/store/database'
import { describe, expect, it } from 'vitest'
import { createWebhooks } from './create-webhooks.ts'
import { checkWebhook } from './options.ts'
import type { WebhooksOptions } from './options.ts'

const base: WebhooksOptions = { store: {} as Store, tenants: [] }

describe('the options of webhooks', () => {
  it.each<[object, string]>([
    [{ concurrency: 0 }, 'webhooks.concurrency must be a whole number from 1 to 1,000, but is 0'],
    [{ giveUpAfterMs: -1 }, 'webhooks.giveUpAfterMs must be a whole number from 0 to 31,536,000,000, but is -1'],
    [{ pollMs: '5' }, 'webhooks.pollMs must be a whole number from 10 to 3,600,000, but is string'],
    [{ allowHttp: 'yes' }, 'webhooks.allowHttp must be true or false, but is string'],
    [{ tenants: 'acme' }, 'webhooks.tenants must be a list or a function, but is string'],
  ])('are refused when they are none: %#', (options, message) => {
    expect(() => createWebhooks({ ...base, ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })

  it('may be zero', () => {
    expect(() => createWebhooks({ ...base, backoffMs: 0, maxBackoffMs: 0, giveUpAfterMs: 0 })).not.toThrow()
  })
})

describe('a webhook', () => {
  it.each<[object, RegExp]>([
    [{ url: '', events: ['*'] }, /^url: must be text of 1 to 2000/],
    [{ url: 'https://x', events: [] }, /^events: must be a list of 1 to 100/],
    [{ url: 'https://x', events: ['a*b'] }, /^events\.0: may have a "\*" at its end only/],
    [{ url: 'https://x', events: ['a'], other: 1 }, /other/],
  ])('is refused when it is none: %#', (webhook, message) => {
    expect(() => checkWebhook(webhook)).toThrow(message)
  })

  it('takes no secret but one, and does not repeat what it was given', async () => {
    const webhooks = createWebhooks(base)
    const refused = await webhooks
      .add('acme', { url: 'https://example.com', events: ['*'], secret: 'sesame' })
      .catch((reason: unknown) => reason)
    expect(refused).toMatchObject({ code: 'INVALID_WEBHOOK', message: expect.not.stringContaining('sesame') })
  })
})
