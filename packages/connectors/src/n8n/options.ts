import type { Dispatcher } from 'undici'

/** Which workflow answers, and how its reply is read. */
export interface N8nModelOptions {
  /** The production URL of the workflow's Webhook or Chat Trigger node. */
  readonly webhookUrl: string
  /** The value of the header that the node's "Header Auth" credential asks for. Default: none is sent. */
  readonly apiKey?: string
  /** The name of that header. Default: `x-api-key`. */
  readonly authHeader?: string
  /** As it appears in results. Default: `workflow`. */
  readonly modelId?: string
  /** Time to connect, TLS included, in ms. The integration around the model owns every other timeout. Default: 5,000. */
  readonly connectTimeoutMs?: number
  /** A longer reply is refused, in bytes. Default: 2 MiB. */
  readonly maxResponseBytes?: number
  /**
   * Finds the answer in a JSON reply, before the usual places are looked at. `undefined`: look there.
   * Must not throw.
   */
  readonly responseText?: (json: unknown) => string | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher
}

/** Defaults of {@link N8nModelOptions}. */
export const N8N_DEFAULTS: Readonly<
  Required<Pick<N8nModelOptions, 'authHeader' | 'modelId' | 'connectTimeoutMs' | 'maxResponseBytes'>>
> = Object.freeze({
  authHeader: 'x-api-key',
  modelId: 'workflow',
  connectTimeoutMs: 5_000,
  maxResponseBytes: 2 * 1024 * 1024,
})
