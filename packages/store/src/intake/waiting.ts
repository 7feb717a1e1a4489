/** Which entries wait in the journal, and whose. Grows with the journal, which bounds it. */
export class Waiting {
  readonly #tenantOf = new Map<number, string>()
  readonly #counts = new Map<string, number>()
  readonly #setAside = new Set<number>()
  readonly #unreadable = new Set<number>()
  /** Whether what an earlier process has left is not known yet. */
  #isUnknown: boolean

  constructor(pending: number) {
    this.#isUnknown = pending > 0
  }

  get setAside(): number {
    return this.#setAside.size
  }

  get unreadable(): number {
    return this.#unreadable.size
  }

  /** Whether something waits that the store is to have. */
  get hasSome(): boolean {
    return this.#isUnknown || this.#tenantOf.size > 0
  }

  /** Whether an entry of the tenant must wait behind another. */
  has(tenant: string): boolean {
    return this.#isUnknown || this.#counts.has(tenant)
  }

  add(sequence: number, tenant: string): void {
    if (this.#tenantOf.has(sequence)) return
    this.#tenantOf.set(sequence, tenant)
    this.#counts.set(tenant, (this.#counts.get(tenant) ?? 0) + 1)
  }

  remove(sequence: number): void {
    const tenant = this.#tenantOf.get(sequence)
    if (tenant === undefined) return
    this.#tenantOf.delete(sequence)
    const left = (this.#counts.get(tenant) ?? 0) - 1
    if (left > 0) this.#counts.set(tenant, left)
    else this.#counts.delete(tenant)
  }

  foundSetAside(sequence: number): void {
    this.#setAside.add(sequence)
  }

  resolved(sequence: number): void {
    this.#setAside.delete(sequence)
  }

  foundUnreadable(sequence: number): void {
    this.remove(sequence)
    this.#unreadable.add(sequence)
  }

  get sequences(): readonly number[] {
    return [...this.#tenantOf.keys()]
  }

  /** The journal was gone through to its end. @param before what had waited when that began */
  passed(before: readonly number[]): void {
    this.#isUnknown = false
    // One may have been handled before it was noted here.
    for (const sequence of before) this.remove(sequence)
  }
}
