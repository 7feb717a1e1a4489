import type { Clock, HeadersLike } from '@holdfast/core'
import { parseRetryAfter } from '@holdfast/core'
import { DAY_MS } from '../../errors/invalid-options.ts'
import type { Counted, ToldLimit } from './headers.ts'
import { LEAST_SHARE } from '../request-size.ts'
import { limitsTold } from './headers.ts'

/** A limit as it was told at a moment, and what was sent since. */
interface KnownLimit extends ToldLimit {
  /** Monotonic, in ms. */
  readonly toldAt: number
  taken: number
}

/** One request that is about to be sent, until its reply has come. */
export interface SentRequest {
  /** @param headers of the reply that has come. */
  heard(headers: HeadersLike | undefined): void
  /** @param isLimited whether the reply was that there were too many requests. */
  refused(headers: HeadersLike | undefined, isLimited: boolean): void
  /** No reply will come, or none that says something. @param wasSent false when it was never sent. */
  forget(wasSent: boolean): void
}

/**
 * What a provider still lets through with one model and credential, as its own replies tell it. Between two replies every request that is sent is
 * taken off. Nothing here refuses a request: it is for who can choose whom to ask first.
 */
export class Allowance {
  readonly #clock: Clock
  #limits: KnownLimit[] = []
  /** Sent, and without a reply. */
  #unheardRequests: number = 0
  #unheardTokens: number = 0
  #sent: number = 0
  /** Which request's reply the limits are from. */
  #heardOf: number = 0
  /** Monotonic, in ms. */
  #closedUntil: number = -Infinity
  #closedBy: number = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long until a request would be let through, in ms; 0 when it would be now, or when nobody knows. @param tokens of the prompt, estimated; looked at where they matter. */
  roomInMs(tokens: () => number): number {
    if (this.#limits.length === 0 && this.#closedUntil === -Infinity) return 0
    const now = this.#clock.now()
    this.#limits = this.#limits.filter(({ toldAt, resetMs }) => now < toldAt + resetMs)
    const inputTokens = this.#limits.length === 0 ? 0 : tokens()
    let wait = Math.max(0, this.#closedUntil - now)
    for (const limit of this.#limits) wait = Math.max(wait, waitOf(limit, leastOf(limit.counted, inputTokens), now))
    return wait
  }

  /** Takes a request off at once, so that many at a time do not all see the same room. @param tokens of the prompt, estimated; looked at where they matter. */
  send(tokens: () => number): SentRequest {
    const inputTokens = this.#heardOf === 0 ? 0 : tokens()
    const number = (this.#sent += 1)
    this.#unheardRequests += 1
    this.#unheardTokens += inputTokens
    for (const limit of this.#limits) limit.taken += takenOf(limit.counted, 1, inputTokens)
    return new Sent(this, number, inputTokens)
  }

  /** A request that was taken off has had its reply, or will have none. */
  over(inputTokens: number, wasSent: boolean): void {
    this.#unheardRequests -= 1
    this.#unheardTokens -= inputTokens
    if (!wasSent) for (const limit of this.#limits) limit.taken -= takenOf(limit.counted, 1, inputTokens)
  }

  heard(number: number, headers: HeadersLike | undefined): void {
    if (number > this.#closedBy) this.#closedUntil = -Infinity
    if (headers !== undefined) this.#learn(number, limitsTold(headers, this.#clock.wallTime()))
  }

  refused(number: number, headers: HeadersLike | undefined, inputTokens: number, isLimited: boolean): void {
    const told = limitsTold(headers, this.#clock.wallTime())
    this.#learn(number, told)
    if (isLimited) this.#close(number, headers, told, inputTokens)
  }

  /** An older request's reply that comes late knows less than what is known. */
  #learn(number: number, told: readonly ToldLimit[]): void {
    if (told.length === 0 || number < this.#heardOf) return
    this.#heardOf = number
    const toldAt = this.#clock.now()
    this.#limits = told.map((limit) => ({
      ...limit,
      toldAt,
      taken: takenOf(limit.counted, this.#unheardRequests, this.#unheardTokens),
    }))
  }

  /** Too many requests: until when it says, or until what is used up comes back; a shorter time than one before opens nothing. */
  #close(number: number, headers: HeadersLike | undefined, told: readonly ToldLimit[], inputTokens: number): void {
    const now = this.#clock.now()
    const asked = headers === undefined ? undefined : parseRetryAfter(headers, this.#clock.wallTime())
    const waits = told.map((limit) =>
      waitOf({ ...limit, toldAt: now, taken: 0 }, leastOf(limit.counted, inputTokens), now),
    )
    // Where by its own figures there is room, the figures are of another limit: the first reset is the best guess.
    const guess = Math.max(0, ...waits) || Math.min(...told.map(({ resetMs }) => resetMs))
    const ms = Math.min(asked ?? guess, DAY_MS)
    if (asked === undefined && told.length === 0) return
    this.#closedUntil = Math.max(this.#closedUntil, now + ms)
    this.#closedBy = number
  }
}

class Sent implements SentRequest {
  readonly #allowance: Allowance
  readonly #number: number
  readonly #inputTokens: number
  #isOpen: boolean = true

  constructor(allowance: Allowance, number: number, inputTokens: number) {
    this.#allowance = allowance
    this.#number = number
    this.#inputTokens = inputTokens
  }

  heard(headers: HeadersLike | undefined): void {
    this.forget(true)
    this.#allowance.heard(this.#number, headers)
  }

  refused(headers: HeadersLike | undefined, isLimited: boolean): void {
    this.forget(true)
    this.#allowance.refused(this.#number, headers, this.#inputTokens, isLimited)
  }

  forget(wasSent: boolean): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#allowance.over(this.#inputTokens, wasSent)
  }
}

function takenOf(counted: Counted, requests: number, inputTokens: number): number {
  if (counted === 'requests') return requests
  return counted === 'output-tokens' ? 0 : inputTokens
}

/** The least of it that a request needs. */
function leastOf(counted: Counted, inputTokens: number): number {
  return counted === 'tokens' || counted === 'input-tokens' ? Math.max(1, inputTokens * LEAST_SHARE) : 1
}

/** How long until so much is there, in ms: where it refills, by the straight line to the reset; otherwise at the reset. */
function waitOf(
  { limit, remaining, resetMs, refills, toldAt, taken }: KnownLimit,
  needed: number,
  now: number,
): number {
  const missing = needed + taken - remaining
  if (missing <= 0) return 0
  const missingMs =
    refills && limit !== undefined && limit > remaining ? (missing / (limit - remaining)) * resetMs : resetMs
  return Math.max(0, toldAt + Math.min(missingMs, resetMs) - now)
}
