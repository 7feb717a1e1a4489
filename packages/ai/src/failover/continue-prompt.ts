import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { Joint } from './joint.ts'

/**
 * The request for the rest of an answer that has broken off.
 *
 * @param prefills whether the model goes on with a last message of the assistant by itself. It is then given all but the anchor, which it writes again; others
 * are shown what was said, and asked to begin with the anchor.
 */
export function continueOptions(
  options: LanguageModelV4CallOptions,
  joint: Joint,
  prefills: boolean,
): LanguageModelV4CallOptions {
  return { ...options, prompt: [...options.prompt, ...turns(joint, prefills)] }
}

function turns({ before, anchor }: Joint, prefills: boolean): LanguageModelV4Prompt {
  // A last message that ends in white space is refused by some.
  const said = (prefills ? before : before + anchor).trimEnd()
  const assistant: LanguageModelV4Prompt =
    said === '' ? [] : [{ role: 'assistant', content: [{ type: 'text', text: said }] }]
  if (prefills) return assistant
  const text =
    'Your last message was cut off by a broken connection. Write its rest, in the same language and form. ' +
    `Begin with exactly its last words, which are between the marks, and go on from there without any remark:\n<<<${anchor.trim()}>>>`
  return [...assistant, { role: 'user', content: [{ type: 'text', text }] }]
}
