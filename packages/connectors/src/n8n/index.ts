/*
 * n8n: a workflow behind a Webhook or Chat Trigger node.
 *
 * Documented (docs.n8n.io): header authentication, the response modes, that a trigger in mode "Streaming" sends what AI Agent and
 * Respond nodes stream.
 * Read in n8n's source: the streamed chunk `{type: 'begin'|'item'|'end'|'error', content?, metadata: {nodeId, nodeName, runIndex,
 * itemIndex, timestamp}}`, one JSON object a line.
 * Tried on n8n 2.8: 200 with an empty body when a workflow throws before its Respond node; 500 `{"message":"Error in workflow"}`
 * in mode "last node"; 404 with "is not registered" for an inactive workflow and for some seconds after n8n's start; 403 with the
 * text "Authorization data is wrong!"; the Respond node's status and headers passed through.
 * Ours: the request body (`N8nRequestBody`), the names looked for in a JSON reply.
 * Not verified: whether any n8n version closes a stream that failed in the middle without an `error` chunk; it is treated as cut.
 */
export { n8nModel } from './n8n-model.ts'
export { N8N_DEFAULTS } from './options.ts'
export type { N8nModelOptions } from './options.ts'
export type { N8nRequestBody } from './request.ts'
