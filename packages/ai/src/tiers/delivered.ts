import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'

/** What a reader has been given of an answer, as far as somebody has to know it who goes on with it. */
export class Delivered {
  text: string = ''
  /** Whether nothing but one text has been given. */
  isPlain: boolean = true
  /** The blocks that are open, by their kind. */
  readonly #open = new Map<string, 'text' | 'reasoning'>()

  /** The text that is open. */
  get openText(): string | undefined {
    return [...this.#open].find(([, kind]) => kind === 'text')?.[0]
  }

  note(part: LanguageModelV4StreamPart): void {
    switch (part.type) {
      case 'text-start':
        this.isPlain &&= this.text === ''
        this.#open.set(part.id, 'text')
        break
      case 'text-delta':
        this.text += part.delta
        break
      case 'reasoning-start':
        this.isPlain = false
        this.#open.set(part.id, 'reasoning')
        break
      case 'text-end':
      case 'reasoning-end':
        this.#open.delete(part.id)
        break
      case 'file':
      case 'reasoning-file':
      case 'reasoning-delta':
      case 'tool-call':
      case 'tool-result':
        this.isPlain = false
        break
      default:
        break
    }
  }

  /** Whether somebody else may go on where it ends: in the middle of a text, and with nothing else about. JSON is given whole, so that it never breaks off. */
  canGoOn({ tools = [] }: LanguageModelV4CallOptions): boolean {
    return this.isPlain && this.openText !== undefined && this.text !== '' && tools.length === 0
  }

  /** The ends of all that is open. Nothing has been given any more. */
  forget(): LanguageModelV4StreamPart[] {
    const ends = [...this.#open].map(([id, kind]) => ({ type: `${kind}-end`, id }) as const)
    this.#open.clear()
    this.text = ''
    this.isPlain = true
    return ends
  }
}
