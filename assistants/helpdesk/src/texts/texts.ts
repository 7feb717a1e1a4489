import type { StaticReplies } from '@holdfast/ai/replies'

/** What the help desk says by itself in one language. `{{contact}}`, `{{phone}}`, `{{email}}`, `{{hours}}` and `{{company}}` are filled in. */
export interface HelpdeskTexts {
  /** Mustache templates by intent. */
  readonly templates: Readonly<Record<string, string>>
  /** Fixed replies by intent; the contact is added to each. */
  readonly replies: StaticReplies
  /** Stands before a remembered answer; `{{age}}` is how long ago it was given. */
  readonly remembered: string
  /** The same for one that was given to a similar question. */
  readonly similar: string
}
