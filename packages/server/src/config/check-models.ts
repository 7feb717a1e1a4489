import type { Finding } from './check.ts'
import type { HoldfastConfig, ModelOptions } from './options.ts'
import { nearestName } from './suggest.ts'

/** What must fit together where language models are configured: with their providers, the integrations, the assistants and the desks. */
export function modelFindings({ models = {}, integrations, assistants, desks = [] }: HoldfastConfig): Finding[] {
  const known = Object.keys(models)
  const users = [
    ...assistants.map((user, at) => ({ what: 'assistant', user, path: ['assistants', at] })),
    ...desks.map((user, at) => ({ what: 'desk', user, path: ['desks', at] })),
  ]
  const used = users.flatMap(({ user }) => user.models ?? [])
  const findings = Object.entries(models).flatMap(([name, options]): Finding[] => {
    const path = ['models', name]
    const found = ofOne(options).map((message): Finding => ({ path, message }))
    if (Object.hasOwn(integrations, name)) {
      found.push({ path, message: `an integration has the name "${name}" too; the guard of a model goes by its name` })
    }
    if (!used.includes(name)) {
      found.push({
        path,
        message: `no assistant and no desk uses it; the charter desk does by \`models: ["${name}"]\``,
      })
    }
    return found
  })
  users.forEach(({ what, user, path }) => {
    const asked = user.models ?? []
    asked.forEach((name, at) => {
      if (asked.indexOf(name) !== at) {
        findings.push({ path, message: `the ${what} "${user.name}" names the model "${name}" twice` })
      } else if (!known.includes(name)) {
        const near = nearestName(name, known)
        const hint = near === undefined ? '' : `; is "${near}" meant to be it?`
        findings.push({
          path,
          message: `the ${what} "${user.name}" needs a model named "${name}"; configured are ${known.join(', ') || 'none'}${hint}`,
        })
      }
    })
  })
  return findings
}

function ofOne({ provider, apiKeyVariable, baseUrl }: ModelOptions): string[] {
  const isAnybodys = provider === 'openai-compatible'
  return [
    ...(isAnybodys && baseUrl === undefined ? ['needs a `baseUrl`: "openai-compatible" may be anybody'] : []),
    ...(!isAnybodys && apiKeyVariable === undefined
      ? [`needs an \`apiKeyVariable\`, the name of the environment variable with the key of ${provider}`]
      : []),
  ]
}
