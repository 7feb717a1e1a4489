import type { Marks } from './false-friends.ts'

/** A question that can be found by its meaning. */
export interface IndexedQuestion {
  readonly key: string
  readonly marks: Marks
  /** Of length 1. */
  readonly vector: Float32Array
}

/** Questions by what they must have in common: those of one partition are never among those of another. */
export class VectorIndex {
  readonly #partitions = new Map<string, Map<string, IndexedQuestion>>()
  readonly #partitionOf = new Map<string, string>()

  get size(): number {
    return this.#partitionOf.size
  }

  /** What is held under a key. */
  find(key: string): IndexedQuestion | undefined {
    const partition = this.#partitionOf.get(key)
    return partition === undefined ? undefined : this.#partitions.get(partition)?.get(key)
  }

  in(partition: string): Iterable<IndexedQuestion> {
    return this.#partitions.get(partition)?.values() ?? []
  }

  /** Whether it is still this one that is held. */
  holds(question: IndexedQuestion): boolean {
    return this.find(question.key) === question
  }

  add(partition: string, question: IndexedQuestion): void {
    this.drop(question.key)
    const questions = this.#partitions.get(partition) ?? new Map<string, IndexedQuestion>()
    questions.set(question.key, question)
    this.#partitions.set(partition, questions)
    this.#partitionOf.set(question.key, partition)
  }

  drop(key: string): void {
    const partition = this.#partitionOf.get(key)
    if (partition === undefined) return
    this.#partitionOf.delete(key)
    const questions = this.#partitions.get(partition)
    questions?.delete(key)
    if (questions?.size === 0) this.#partitions.delete(partition)
  }
}
