import type { AssistantDefinition } from '@holdfast/ai'
import { createIntegration, HoldfastError } from '@holdfast/core'
import type * as z from 'zod'
import type { PathStep } from './locate.ts'
import { lineOf } from './locate.ts'
import type { HoldfastConfig } from './options.ts'
import { budgetFindings } from './check-budgets.ts'
import { modelFindings } from './check-models.ts'
import { syncFindings } from './check-sync.ts'
import { toolServerFindings } from './check-tool-servers.ts'
import { configSchema } from './schema.ts'
import { nearestName } from './suggest.ts'

/** One thing that is wrong in the configuration. */
export interface ConfigProblem {
  /** `integrations.n8n.retry.maxRetries` */
  readonly path: string
  /** Where it is written, or where the nearest part around it is. */
  readonly line: number | undefined
  /** What is allowed, what came, and what was probably meant. */
  readonly message: string
}

/** The configuration is wrong. The message lists every problem with file, line, path, what is allowed and what came. */
export class ConfigError extends Error {
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, line, message }) => {
      return `  ${file}${line === undefined ? '' : `:${line}`}  ${path === '' ? '' : `${path}: `}${message}`
    })
    super(
      `The configuration is not right (${problems.length === 1 ? '1 problem' : `${problems.length} problems`}):\n${lines.join('\n')}`,
    )
    this.name = 'ConfigError'
    this.file = file
    this.problems = problems
  }
}

/** A file and its text, for the lines of the errors. */
export interface ConfigSource {
  readonly file: string
  readonly text: string
}

/**
 * Checks a configuration as a whole.
 * @throws ConfigError with every problem there is.
 */
export function checkConfig(value: unknown, source: ConfigSource): HoldfastConfig {
  const parsed = configSchema.safeParse(value)
  const found = parsed.success
    ? crossCheck(value as HoldfastConfig)
    : parsed.error.issues.flatMap((issue) => explain(issue, value, []))
  if (found.length > 0) {
    throw new ConfigError(
      source.file,
      found.map(({ path, message }) => ({ path: formatPath(path), line: lineOf(source.text, path), message })),
    )
  }
  return value as HoldfastConfig
}

/** A problem, before its line is looked up. */
export interface Finding {
  readonly path: readonly PathStep[]
  readonly message: string
}

function explain(issue: z.core.$ZodIssue, value: unknown, before: readonly PathStep[]): Finding[] {
  const path = [...before, ...(issue.path as PathStep[])]
  const came = valueAt(value, path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(configSchema, path)
    return issue.keys.map((key) => {
      const near = nearestName(key, known)
      const hint = near === undefined ? '.' : `; did you mean "${near}"?`
      return { path: [...path, key], message: `there is no such setting${hint} Allowed here: ${known.join(', ')}` }
    })
  }
  if (issue.code === 'invalid_union' && typeof came === 'object' && came !== null) {
    // Of the alternatives, the one that is an object too is the one that was meant.
    const meant = issue.errors.find((errors) =>
      errors.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    )
    if (meant !== undefined) return meant.flatMap((inner) => explain(inner, value, path))
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: `allowed as a name: ${issue.issues[0]?.message ?? ''}; got ${show(path.at(-1))}` }]
  }
  const got = came === undefined ? 'it is missing' : `got ${show(came)}`
  return [{ path, message: `allowed is ${issue.message}; ${got}` }]
}

/** What no single part can know: names that must fit together. */
function crossCheck(config: HoldfastConfig): Finding[] {
  const findings: Finding[] = []
  const integrations = Object.keys(config.integrations)
  const seen = new Set<string>()
  config.assistants.forEach((assistant: AssistantDefinition, index) => {
    if (seen.has(assistant.name)) {
      findings.push({ path: ['assistants', index], message: `there are two assistants named "${assistant.name}"` })
    }
    seen.add(assistant.name)
    findings.push(...missingIntegrations('assistant', assistant, integrations))
  })
  const desks = new Set<string>()
  config.desks?.forEach((desk, index) => {
    if (desks.has(desk.name)) {
      findings.push({ path: ['desks', index], message: `there are two desks named "${desk.name}"` })
    }
    desks.add(desk.name)
    findings.push(...missingIntegrations('desk', desk, integrations))
  })
  findings.push(...emergencyFindings(config), ...modelFindings(config), ...budgetFindings(config))
  findings.push(...toolServerFindings(config), ...syncFindings(config))
  for (const [name, policies] of Object.entries(config.integrations)) {
    try {
      createIntegration({ ...policies, name })
    } catch (error) {
      if (!HoldfastError.isInstance(error)) throw error
      // Core names the option first: `n8n.breaker.maxOpenMs must be …`.
      const [option = name, ...rest] = error.message.split(' ')
      findings.push({ path: ['integrations', ...option.split('.')], message: rest.join(' ') })
    }
  }
  return findings
}

function missingIntegrations(
  what: 'assistant' | 'desk',
  { name, integrations: needs }: { readonly name: string; readonly integrations: readonly string[] },
  configured: readonly string[],
): Finding[] {
  return needs
    .filter((needed) => !configured.includes(needed))
    .map((needed) => {
      const near = nearestName(needed, configured)
      return {
        path: near === undefined ? ['integrations'] : ['integrations', near],
        message: `the ${what} "${name}" needs an integration named "${needed}"; configured are ${configured.join(', ') || 'none'}${near === undefined ? '' : `; is "${near}" meant to be it?`}`,
      }
    })
}

function emergencyFindings({ emergency, contact, assistants }: HoldfastConfig): Finding[] {
  if (emergency === undefined) return []
  const known = assistants.map(({ name }) => name)
  const findings = (emergency.assistants ?? []).flatMap((name, index): Finding[] => {
    if (known.includes(name)) return []
    const message = `there is no assistant named ${show(name)}; there are ${known.join(', ')}`
    return [{ path: ['emergency', 'assistants', index], message }]
  })
  if ((emergency.phone ?? contact.phone) === undefined) {
    findings.push({ path: ['emergency'], message: 'needs a phone number: set `emergency.phone` or `contact.phone`' })
  }
  return findings
}

function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PathStep, unknown>)[step] : undefined,
    value,
  )
}

/** The names that the schema allows at a path. */
function keysAt(schema: unknown, path: readonly PathStep[]): string[] {
  const { def } = (schema as { _zod: { def: SchemaDefinition } })._zod
  if (def.innerType !== undefined) return keysAt(def.innerType, path)
  if (def.options !== undefined) return def.options.flatMap((option) => keysAt(option, path))
  const [step, ...rest] = path
  if (def.shape !== undefined) {
    if (step === undefined) return Object.keys(def.shape)
    const next = def.shape[step]
    return next === undefined ? [] : keysAt(next, rest)
  }
  const next = def.valueType ?? def.element
  return next === undefined || step === undefined ? [] : keysAt(next, rest)
}

interface SchemaDefinition {
  readonly innerType?: unknown
  readonly options?: readonly unknown[]
  readonly shape?: Readonly<Record<PathStep, unknown>>
  readonly valueType?: unknown
  readonly element?: unknown
}

function formatPath(path: readonly PathStep[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}
