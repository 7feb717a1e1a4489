/** Where events have come, or may have come. */
export interface SignedTopic {
  readonly tenant: string
  readonly topic: string
}

/**
 * What tells the processes of a fleet where events have come, in place of the database: `redisSigns` of `@holdfast/agents/events/redis` is one. A sign says where to look and no more; it may be lost, and may come
 * without an event. A store neither opens nor closes it.
 */
export interface Signs {
  /** Whether signs go out now. Asked when a transaction begins: while they do not, the database tells of its events. */
  readonly isReady: boolean
  /** Tells all processes, this one too; `undefined`: all have to look. Neither waits nor throws. */
  send(topics: readonly SignedTopic[] | undefined): void
  /** Calls back with each sign; with `undefined`, all have to look. @returns what ends it. */
  listen(listener: (topic: SignedTopic | undefined) => void): () => void
}

/** Of how many topics a transaction says that it has appended to them; where there are more, all have to look. */
const MAX_TOPICS = 1_000

/** The topics that a transaction has appended to, as the database tells it while it is under way. */
export class AppendedTopics {
  readonly #topics = new Map<string, SignedTopic>()
  #areTooMany = false

  /** Takes what a trigger tells. */
  add(text: string): void {
    if (this.#areTooMany || this.#topics.has(text)) return
    const topic = readTopic(text)
    if (topic === undefined) return
    this.#areTooMany = this.#topics.size >= MAX_TOPICS
    if (this.#areTooMany) this.#topics.clear()
    else this.#topics.set(text, topic)
  }

  /** To be called once they are committed. */
  sendBy(signs: Pick<Signs, 'send'>): void {
    if (this.#areTooMany) signs.send(undefined)
    else if (this.#topics.size > 0) signs.send([...this.#topics.values()])
  }
}

/** Reads `["tenant","topic"]`. Anybody who may run SQL can send something else. */
export function readTopic(text: string): SignedTopic | undefined {
  try {
    const parts: unknown = JSON.parse(text)
    if (!Array.isArray(parts)) return undefined
    const [tenant, topic] = parts as readonly unknown[]
    return typeof tenant === 'string' && typeof topic === 'string' ? { tenant, topic } : undefined
  } catch {
    return undefined
  }
}
