import type { LanguageModelV4CallOptions, LanguageModelV4Prompt, SharedV4Warning } from '@ai-sdk/provider'
import type { Capabilities } from '../options.ts'
import type { Prepared } from './adapt.ts'

type Format = LanguageModelV4CallOptions['responseFormat']
type JsonFormat = Extract<Format, { type: 'json' }>

/** What a model makes of a request for JSON: what is said of it, and what its provider has said since. */
export class JsonSkill {
  /** Whether it takes a schema. */
  #schema: boolean
  /** Whether it takes a request for JSON without one. */
  #object: boolean
  readonly #adapts: boolean

  /** @param adapts whether it is asked in words where it cannot otherwise. */
  constructor(json: Capabilities['json'] = true, adapts: boolean) {
    this.#schema = json === true
    this.#object = json !== false
    this.#adapts = adapts
  }

  /** Whether it can give this format by itself. */
  takes(format: Format): boolean {
    if (format?.type !== 'json') return true
    return format.schema === undefined ? this.#object : this.#schema
  }

  /** Whether it may be asked for it at all. */
  mayBeAsked(format: Format): boolean {
    return this.#adapts || this.takes(format)
  }

  /** Heeds what the provider has warned of, so that the next request is put otherwise. */
  learn(warnings: readonly SharedV4Warning[], format: Format): void {
    if (format?.type !== 'json' || !warnings.some(isAboutFormat)) return
    if (format.schema === undefined) this.#object = false
    else this.#schema = false
  }

  /** A request with what the model cannot take as a format said in words. The very same where there is nothing of the kind. */
  prepare(prepared: Prepared): Prepared {
    const { call } = prepared
    const { responseFormat: format, ...rest } = call
    if (format?.type !== 'json' || !this.#adapts || this.takes(format)) return prepared
    const asked: LanguageModelV4CallOptions = { ...rest, prompt: withWords(call.prompt, wordsFor(format)) }
    if (this.#object) asked.responseFormat = { type: 'json' }
    return { call: asked, warnings: [...prepared.warnings, adapted(format)] }
  }
}

/** Those that can by themselves before those that are asked in words. */
export function ableFirst<Member extends { readonly json: JsonSkill }>(
  members: readonly Member[],
  format: Format,
): readonly Member[] {
  if (format?.type !== 'json') return members
  const able = members.filter(({ json }) => json.takes(format))
  return able.length === 0 || able.length === members.length
    ? members
    : [...able, ...members.filter((member) => !able.includes(member))]
}

function isAboutFormat(warning: SharedV4Warning): boolean {
  return warning.type === 'unsupported' && warning.feature === 'responseFormat'
}

function adapted({ schema }: JsonFormat): SharedV4Warning {
  return {
    type: 'compatibility',
    feature: 'responseFormat',
    details:
      schema === undefined
        ? 'This model has no JSON mode: it was asked for JSON in the prompt, and the answer was checked.'
        : 'This model takes no JSON schema: the schema was put into the prompt, and the answer was checked against it.',
  }
}

function wordsFor({ schema, description }: JsonFormat): string {
  const what = description === undefined ? '' : ` It is: ${description}`
  const only = `Your answer (when it is not the call of a tool) must be JSON and nothing else: no fence, no words before it or after it.${what}`
  return schema === undefined ? only : `${only}\nIt must fit this JSON schema:\n${JSON.stringify(schema)}`
}

/** Behind the instructions that there are, which some models take once only, or before all. */
function withWords(prompt: LanguageModelV4Prompt, words: string): LanguageModelV4Prompt {
  const [first, ...others] = prompt
  return first?.role === 'system'
    ? [{ ...first, content: `${first.content}\n\n${words}` }, ...others]
    : [{ role: 'system', content: words }, ...prompt]
}
