import { describe, expect, it } from 'vitest'
import { json, type Reply } from '../http/reply.ts'
import { failure, malform, type VendorErrors } from './distort.ts'
import { faultSchema, MALFORMED_VARIANTS, type Fault } from './fault.ts'

const vendor: VendorErrors = {
  error: (status) => json(status, { vendor: status }),
  rateLimited: () => json(429, {}),
  errorInBody: () => ({ error: 'in body' }),
  errorPart: () => 'data: {"error":"in stream"}\n\n',
}
const whole = json(200, { output: 'four aircraft are free' })
const streamed: Reply = {
  kind: 'streamed',
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  parts: ['data: {"n":1}\n\n', 'data: {"n":2}\n\n', 'data: {"n":3}\n\n', 'data: [DONE]\n\n'],
}

function malformed(reply: Reply, variant: (typeof MALFORMED_VARIANTS)[number], afterParts?: number): Reply {
  const fault = faultSchema.parse({
    service: 'llm',
    fault: 'malformed',
    variant,
    ...(afterParts === undefined ? {} : { afterParts }),
  }) as Extract<Fault, { fault: 'malformed' }>
  return malform(reply, fault, vendor)
}

function failing(options: object): Reply {
  const fault = faultSchema.parse({ service: 'n8n', fault: 'error', ...options }) as Extract<Fault, { fault: 'error' }>
  return failure(fault, vendor, '/path')
}

describe('failure', () => {
  it("is the vendor's own body for the status by default", () => {
    expect(failing({})).toMatchObject({ status: 500, body: '{"vendor":500}' })
    expect(failing({ status: 503 })).toMatchObject({ status: 503, body: '{"vendor":503}' })
  })

  it('takes a body, as JSON or as text, and Retry-After', () => {
    expect(failing({ body: { code: 7 }, retryAfterSeconds: 0 })).toMatchObject({
      body: '{"code":7}',
      headers: { 'retry-after': '0', 'content-type': 'application/json; charset=utf-8' },
    })
    expect(failing({ status: 502, body: 'Bad Gateway' })).toMatchObject({
      status: 502,
      body: 'Bad Gateway',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  })
})

describe('malform', () => {
  it('breaks JSON so that it cannot be parsed', () => {
    const reply = malformed(whole, 'broken-json')
    expect(reply.kind).toBe('whole')
    expect(() => JSON.parse((reply as typeof whole).body) as unknown).toThrow()
  })

  it('makes text into JSON that cannot be parsed', () => {
    const text = { ...whole, headers: { 'content-type': 'text/html' }, body: 'four "aircraft" are free' }
    const reply = malformed(text, 'broken-json') as typeof whole
    expect(reply.headers['content-type']).toContain('application/json')
    expect(() => JSON.parse(reply.body) as unknown).toThrow()
  })

  it('answers valid JSON of another shape, a web page, nothing, or an error that says 200', () => {
    expect(JSON.parse((malformed(whole, 'wrong-shape') as typeof whole).body)).not.toHaveProperty('output')
    expect(malformed(whole, 'html')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
    expect(malformed(whole, 'empty')).toMatchObject({ status: 200, body: '' })
    expect(malformed(whole, 'error-body')).toMatchObject({ status: 200, body: '{"error":"in body"}' })
  })

  it('lets a stream begin well, by default half of it', () => {
    const reply = malformed(streamed, 'error-body') as Extract<Reply, { kind: 'streamed' }>
    expect(reply.parts).toEqual(['data: {"n":1}\n\n', 'data: {"n":2}\n\n', 'data: {"error":"in stream"}\n\n'])
    const early = malformed(streamed, 'broken-json', 1) as Extract<Reply, { kind: 'streamed' }>
    expect(early.parts[0]).toBe('data: {"n":1}\n\n')
    expect(early.parts).toHaveLength(2)
    expect(() => JSON.parse(early.parts[1]!.slice('data: '.length)) as unknown).toThrow()
  })

  it('never lets the end of a stream through', () => {
    for (const variant of MALFORMED_VARIANTS) {
      expect(JSON.stringify(malformed(streamed, variant))).not.toContain('[DONE]')
    }
  })
})
