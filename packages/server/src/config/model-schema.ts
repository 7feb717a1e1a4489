import { LLM_PROVIDERS } from '@holdfast/connectors/llm'
import * as z from 'zod'
import type { ModelOptions } from './options.ts'

const tokens = 'a whole number of tokens from 1 to 100,000,000'
const tokenCount = z.number(tokens).int(tokens).min(1, tokens).max(100_000_000, tokens).optional()
const cost = 'a price for a million tokens, from 0 to 1,000,000,000'
const perMillion = z.number(cost).min(0, cost).max(1_000_000_000, cost)
const time = 'a number of milliseconds from 1 to 86,400,000'
const yes = z.boolean('true or false').optional()
const label = '1 to 32 lower-case letters, digits and hyphens: a label, not the key'
/** What {@link isPlainAddress} takes. */
export const PLAIN_ADDRESS =
  'an http or https address, such as "https://api.example.com/v1", without credentials or a query'
const variable = 'the name of an environment variable'
const modelId = 'the name of a model, as the provider calls it'

/** The shape of one language model of the configuration. */
export const modelSchema: z.ZodObject<Readonly<Record<keyof ModelOptions, z.ZodType>>> = z.strictObject(
  {
    provider: z.enum(LLM_PROVIDERS, `one of ${LLM_PROVIDERS.map((provider) => `"${provider}"`).join(', ')}`),
    model: z.string(modelId).regex(/^\S(.{0,254}\S)?$/, modelId),
    apiKeyVariable: z
      .string(variable)
      .regex(/^[A-Z_][A-Z0-9_]*$/, variable)
      .optional(),
    baseUrl: z.string(PLAIN_ADDRESS).refine(isPlainAddress, PLAIN_ADDRESS).optional(),
    credential: z
      .string(label)
      .regex(/^[a-z0-9-]{1,32}$/, label)
      .optional(),
    timeoutMs: z.number(time).min(1, time).max(86_400_000, time).optional(),
    contextWindow: tokenCount,
    maxOutputTokens: tokenCount,
    supports: z
      .strictObject(
        {
          tools: yes,
          json: z.union([z.boolean(), z.literal('object')], 'true, "object" or false').optional(),
          files: yes,
          streams: yes,
        },
        'an object of tools, json, files and streams',
      )
      .optional(),
    prefills: yes,
    price: z
      .strictObject(
        {
          inputPerMillion: perMillion,
          outputPerMillion: perMillion,
          cacheReadPerMillion: perMillion.optional(),
          cacheWritePerMillion: perMillion.optional(),
        },
        'an object of prices',
      )
      .optional(),
  } satisfies { [Key in keyof Required<ModelOptions>]: z.ZodType },
  { error: (issue) => (issue.code === 'invalid_type' ? 'an object with a provider and a model' : undefined) },
)

/** Whether nothing secret can be in it. */
export function isPlainAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}
