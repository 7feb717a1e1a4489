/**
 * n8n, as its webhooks behave. Seen on n8n 2.8: the 403 text, the 404 of an unregistered webhook, the empty 200 of a workflow that
 * throws before its Respond node, the 500 of one that throws while the last node answers, `/healthz`. From n8n's source: the
 * chunks of a streamed reply. Not verified: how n8n Cloud words a 429; n8n itself has no limit on webhooks.
 */
import { z } from 'zod'
import { clockTold } from '../brain/clock-told.ts'
import { understand } from '../brain/understanding.ts'
import { words } from '../brain/wording.ts'
import type { VendorErrors } from '../faults/distort.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, text, type Reply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Settings } from '../settings.ts'
import type { World } from '../world/world.ts'
import { workflowAnswer } from './answer.ts'

const WEBHOOK = /^\/webhook\/charter-desk(-stream)?\/?$/

const bodySchema = z.looseObject({
  chatInput: z.string().optional(),
  message: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).optional(),
})

const IDEMPOTENT_ANSWERS = 1_000

/** Makes the stand-in for n8n. */
export function n8n(
  world: World,
  options: { readonly settings: () => Settings; readonly now: () => number; readonly authHeaders?: readonly string[] },
): Vendor {
  const authHeaders = options.authHeaders ?? ['x-api-key', 'authorization', 'x-n8n-api-key']
  // The workflow's first node drops repeats, so that a retry does not send a second quote request.
  const answered = new Map<string, string>()

  const answer = async (request: Received): Promise<string | undefined> => {
    const body = bodySchema.safeParse(parseJson(request.body))
    if (!body.success) return undefined
    const { chatInput, message, messages } = body.data
    const said = (messages ?? [])
      .filter(({ role }) => role === 'user' || role === 'assistant')
      .map(({ role, content }) => ({ role: role as 'user' | 'assistant', text: content }))
    const question = chatInput ?? message
    if (said.length === 0 && question !== undefined) said.push({ role: 'user', text: question })
    if (said.length === 0) return undefined
    const key = request.headers['idempotency-key']
    const before = typeof key === 'string' ? answered.get(key) : undefined
    if (before !== undefined) return before
    const { now, timeZone } = options.settings()
    const told = (messages ?? []).filter(({ role }) => role === 'system').map(({ content }) => content)
    const clock = clockTold(told, { now: new Date(now ?? options.now()), timeZone })
    const understanding = await understand(said, clock)
    const output = workflowAnswer(world, said, understanding)
    if (typeof key === 'string') {
      answered.set(key, output)
      for (const oldest of answered.keys()) {
        if (answered.size <= IDEMPOTENT_ANSWERS) break
        answered.delete(oldest)
      }
    }
    return output
  }

  return {
    service: 'n8n',
    errors,
    async answer(request) {
      if (request.path === '/healthz' && request.method === 'GET') return json(200, { status: 'ok' })
      const webhook = WEBHOOK.exec(request.path)
      const { n8nReply, n8nWorkflow } = options.settings()
      if (webhook === null || request.method !== 'POST' || n8nWorkflow === 'inactive') return notRegistered(request)
      if (!authHeaders.some((name) => (request.headers[name] ?? '') !== ''))
        return text(403, 'Authorization data is wrong!')
      if (n8nWorkflow === 'throws') return errors.error(500)
      const output = n8nWorkflow === 'throws-before-respond' ? undefined : await answer(request)
      // What a workflow does that throws before its Respond node is reached, on bad input too.
      if (output === undefined) return { ...json(200, ''), body: '' }
      return respond(output, webhook[1] === undefined ? n8nReply : 'stream')
    },
  }
}

function respond(output: string, shape: Settings['n8nReply']): Reply {
  if (shape === 'object') return json(200, { output })
  if (shape === 'array') return json(200, [{ output }])
  if (shape === 'text') return text(200, output, 'text/html; charset=utf-8')
  const chunk = (type: string, content?: string): string =>
    `${JSON.stringify({
      type,
      ...(content === undefined ? {} : { content }),
      metadata: {
        nodeId: '5f1c2a0e-7a58-4c0b-9d0e-3f4c1b7e9a21',
        nodeName: 'Charter Desk Agent',
        itemIndex: 0,
        runIndex: 0,
        timestamp: Date.now(),
      },
    })}\n`
  return {
    kind: 'streamed',
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
    parts: [chunk('begin'), ...words(output).map((word) => chunk('item', word)), chunk('end')],
  }
}

function notRegistered(request: Received): Reply {
  const name = request.path.replace(/^\/webhook\//, '').replace(/^\//, '')
  return json(404, {
    code: 404,
    message: `The requested webhook "${request.method} ${name}" is not registered.`,
    hint: 'The workflow must be active for a production URL to run successfully. You can activate the workflow using the toggle in the top-right of the editor.',
  })
}

const errors: VendorErrors & { error(status: number): ReturnType<VendorErrors['error']> } = {
  error: (status) => json(status, { message: status === 503 ? 'Service unavailable' : 'Error in workflow' }),
  rateLimited: () => json(429, { code: 429, message: 'Too many requests' }),
  errorInBody: () => ({
    error: { message: 'The service refused the connection - perhaps it is offline', name: 'NodeApiError' },
  }),
  errorPart: () =>
    `${JSON.stringify({ type: 'error', content: 'Error in workflow', metadata: { nodeName: 'Charter Desk Agent' } })}\n`,
}
