import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const workflowSchema = z.object({
  name: z.string(),
  nodes: z.array(
    z.strictObject({
      id: z.uuid(),
      name: z.string(),
      type: z.string(),
      typeVersion: z.number(),
      position: z.tuple([z.number(), z.number()]),
      webhookId: z.uuid().optional(),
      onError: z.literal('continueErrorOutput').optional(),
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
  connections: z.record(
    z.string(),
    z.record(z.string(), z.array(z.array(z.object({ node: z.string(), type: z.string(), index: z.int() })))),
  ),
  settings: z.object({ executionOrder: z.literal('v1') }),
  pinData: z.strictObject({}),
})

const text = readFileSync(new URL('charter-desk.json', import.meta.url), 'utf8')
const { nodes, connections } = workflowSchema.parse(JSON.parse(text))
const names = nodes.map(({ name }) => name)
const ends = Object.values(connections).flatMap((outputs) => Object.values(outputs).flat(2))

describe('the workflow to import', () => {
  it('has nodes with a name and an id of their own', () => {
    expect(new Set(names).size).toBe(nodes.length)
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length)
  })

  it('connects nodes that are there, from the webhook to one of two replies', () => {
    expect(Object.keys(connections).filter((name) => !names.includes(name))).toEqual([])
    expect(ends.map(({ node }) => node).filter((name) => !names.includes(name))).toEqual([])
    const unreached = names.filter((name) => !ends.some(({ node }) => node === name))
    expect(unreached).toEqual(['Question', 'Chat model'])
    const last = nodes.filter(({ name }) => connections[name] === undefined).map(({ type }) => type)
    expect(last).toEqual(['n8n-nodes-base.respondToWebhook', 'n8n-nodes-base.respondToWebhook'])
  })

  it('asks for a header, and answers with its Respond node', () => {
    const webhook = nodes.find(({ type }) => type === 'n8n-nodes-base.webhook')
    expect(webhook?.parameters).toMatchObject({
      httpMethod: 'POST',
      path: 'charter-desk',
      authentication: 'headerAuth',
      responseMode: 'responseNode',
    })
  })

  it('makes of the request what the agent is told', () => {
    const code = String(nodes.find(({ type }) => type === 'n8n-nodes-base.code')?.parameters['jsCode'])
    const body = {
      chatInput: 'and on Sunday?',
      sessionId: 's-1',
      tenant: 'acme',
      requestId: 'r-1',
      messages: [
        { role: 'system', content: 'Time zone: Europe/Rome' },
        { role: 'user', content: 'A jet to Nice on Saturday' },
        { role: 'assistant', content: 'For how many?' },
        { role: 'user', content: 'and on Sunday?' },
      ],
    }
    // As n8n runs it: the text is the body of a function that is given the items.
    // oxlint-disable-next-line typescript/no-implied-eval
    const run = new Function('$input', code) as (input: object) => { json: Record<string, string> }[]
    const [item] = run({ first: () => ({ json: { body } }) })
    expect(item?.json).toMatchObject({
      sessionId: 's-1',
      conversation: 'user: A jet to Nice on Saturday\n\nassistant: For how many?\n\nuser: and on Sunday?',
      told: 'Time zone: Europe/Rome',
    })
  })

  it('holds no key', () => {
    expect(text).not.toMatch(/"credentials"|"value":\s*"sk-/)
  })
})
