import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { VENDORS } from '../../test/vendors.ts'
import type { VendorWire } from '../../test/vendors.ts'
import { probeLanguageModel } from './probe.ts'

const SECRET = 'sk-secret-0123456789'
let server: LocalServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function probe({ provider, model }: VendorWire, handler: Handler, signal = new AbortController().signal) {
  server = await startServer(handler)
  await probeLanguageModel({ provider, model, apiKey: SECRET, baseUrl: `${server.url}/base` }, signal)
}

describe.each(VENDORS)('the probe of a model of $provider', (vendor) => {
  it('asks once, with the key, for one token', async () => {
    await probe(vendor, (_, response) => json(response, vendor.whole('Hi')))
    expect(server?.requests).toHaveLength(1)
    const [request] = server?.requests ?? []
    expect(request?.path).toBe(`/base${vendor.paths[0]}`)
    expect(request?.headers[vendor.keyHeader]).toBe(`${vendor.keyPrefix}${SECRET}`)
    expect(request?.body).toMatch(/"(max_tokens|max_completion_tokens|maxOutputTokens)":1\b/)
  })

  it('takes an answer that says nothing for one', async () => {
    await expect(probe(vendor, (_, response) => json(response, vendor.whole('')))).resolves.toBeUndefined()
  })

  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'configuration'],
    [429, 'rate-limit'],
    [400, 'client'],
  ] as const)('fails for %i, with nothing of the key', async (status, category) => {
    const said = vendor.error(status, `about ${SECRET}`)
    const failure = await rejection(probe(vendor, (_, response) => json(response, said, status)))
    expect(failure).toMatchObject({ category })
    expect(everythingIn(failure)).not.toContain(SECRET)
    expect(server?.requests).toHaveLength(1)
  })

  it('fails for a web page', async () => {
    const page: Handler = (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')
    expect(await rejection(probe(vendor, page))).toMatchObject({ code: 'HTML_REPLY' })
  })

  it('ends with the reason of its signal', async () => {
    const caller = new AbortController()
    const reason = new Error('enough')
    const hang: Handler = () => caller.abort(reason)
    expect(await rejection(probe(vendor, hang, caller.signal))).toBe(reason)
    await server?.openIs(0)
    await server?.close()
    expect(await rejection(probe(vendor, hang, caller.signal))).toBe(reason)
    expect(server?.requests).toHaveLength(0)
  })
})

it('takes a model for one that answers when one token was not enough for it to think', async () => {
  const message = 'Could not finish the message because max_tokens or model output limit was reached.'
  const error = { message, type: 'invalid_request_error', param: null, code: null }
  const openai = VENDORS.find(({ provider }) => provider === 'openai')!
  await expect(probe(openai, (_, response) => json(response, { error }, 400))).resolves.toBeUndefined()
})

it('refuses options that are wrong, without the key', async () => {
  const wrong = { provider: 'openai', model: '', apiKey: SECRET } as const
  const failure = await rejection(probeLanguageModel(wrong, new AbortController().signal))
  expect(failure).toMatchObject({ code: 'INVALID_OPTION' })
  expect(everythingIn(failure)).not.toContain(SECRET)
})
