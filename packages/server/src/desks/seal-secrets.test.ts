import type { KeptSecrets } from '@holdfast/agents/webhooks'
import { expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { sealSecrets } from './seal-secrets.ts'

it.each<[string, Partial<KeptSecrets>, readonly string[]]>([
  ['nothing to be said', {}, []],
  ['what was encrypted', { sealed: 2 }, ['info {"sealed":4} secrets of webhooks were encrypted']],
  ['that there is no key', { plain: 1 }, ['warn {"plain":2} secrets of webhooks are in the store as they are']],
  ['that a key is missing', { sealed: 1, unreadable: 3 }, ['info {"sealed":2}', 'error {"unreadable":6}']],
])('says of all tenants together %s', async (_what, kept, expected) => {
  const log = fakeLog()
  const webhooks = { sealSecrets: () => Promise.resolve({ sealed: 0, unreadable: 0, plain: 0, ...kept }) }
  await sealSecrets(webhooks, ['acme', 'globex'], log)
  const said = log.lines.map(({ level, fields, message }) => `${level} ${JSON.stringify(fields)} ${message}`)
  expect(said).toEqual(expected.map((begins) => expect.stringContaining(begins)))
})
