import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Random } from '@holdfast/core'
import { requestContext } from '../provenance/request-context.ts'
import { ableFirst } from './adapt/json.ts'
import { hashOf } from './hash.ts'
import type { Member } from './members.ts'
import type { Choice } from './options.ts'
import { costOf } from './price.ts'
import { LEAST_SHARE } from './request-size.ts'
import type { RequestNeeds } from './request-size.ts'

/** Tokens of an answer, where nobody says how long it may become: only for comparing prices. */
const USUAL_OUTPUT_TOKENS = 500

/** Sessions of which is known which model they had; those that were not heard of for longest are forgotten. */
const MOST_SESSIONS = 10_000

/** Puts the models of one request into the order in which they are asked. */
export function orderOf(members: readonly Member[], choose: Choice, random: Random): Order {
  const limited = members.some(({ supports, contextWindow }) => contextWindow !== undefined || hasLimits(supports))
  const sort = sorterOf(choose, random)
  return (options, needs) => {
    const { responseFormat } = options
    const isJson = responseFormat?.type === 'json'
    const fitting = limited || isJson ? fittingOf(members, needs(), options) : members
    const sorted = sort(fitting, options, needs)
    return isJson ? ableFirst(sorted, responseFormat) : sorted
  }
}

/** Whom to ask for one request, in their order. */
export type Order = (options: LanguageModelV4CallOptions, needs: () => RequestNeeds) => readonly Member[]

type Sort = (
  members: readonly Member[],
  options: LanguageModelV4CallOptions,
  needs: () => RequestNeeds,
) => readonly Member[]

function sorterOf(choose: Choice, random: Random): Sort {
  if (typeof choose === 'function') return (members, options) => named(members, options, choose)
  switch (choose) {
    case 'weighted':
      return (members, options) => weighted(members, options, random)
    case 'least-loaded':
      return faithful((members) => leastLoaded(members, random))
    case 'cheapest':
      return faithful(cheapest)
    default:
      return (members) => members
  }
}

function hasLimits({ tools = true, files = true }: Member['supports']): boolean {
  return !tools || !files
}

/** Who can do what a request needs. Where that is nobody, those that come closest: their answer, or their refusal, says more than ours. */
function fittingOf(
  members: readonly Member[],
  needs: RequestNeeds,
  { responseFormat, maxOutputTokens: outputTokens = 0 }: LanguageModelV4CallOptions,
): readonly Member[] {
  const able = members.filter(
    ({ supports: { tools = true, files = true }, json }) =>
      (tools || !needs.tools) && (files || !needs.files) && json.mayBeAsked(responseFormat),
  )
  const candidates = able.length === 0 ? members : able
  const least = needs.inputTokens * LEAST_SHARE + outputTokens
  const roomy = candidates.filter(({ contextWindow = Infinity }) => least <= contextWindow)
  if (roomy.length > 0) return roomy
  const widest = Math.max(...candidates.map(({ contextWindow = Infinity }) => contextWindow))
  return candidates.filter(({ contextWindow = Infinity }) => contextWindow === widest)
}

/** By weighted sampling without replacement: each gets a score of `ln(u) / weight`, the greatest goes first (Efraimidis and Spirakis, 2006). */
function weighted(members: readonly Member[], options: LanguageModelV4CallOptions, random: Random): readonly Member[] {
  const { sessionId } = requestContext(options)
  const scored = members.map((member) => {
    // For a session the dice are made of its name, so that they fall the same way each time.
    const u = sessionId === undefined ? random() : diceOf(`${sessionId}\n${member.name}`)
    return { member, score: member.weight === 0 ? -Infinity : Math.log(u) / member.weight }
  })
  return scored.sort((a, b) => b.score - a.score || 0).map(({ member }) => member)
}

/** Keeps a session with the model it had first while that works and has room: its provider knows the beginning of the conversation already. */
function faithful(sort: Sort): Sort {
  /** The session used last is at the end. */
  const kept = new Map<string, Member>()
  return (members, options, needs) => {
    const sorted = sort(members, options, needs)
    const context = requestContext(options)
    if (context.sessionId === undefined) return sorted
    const request = { options, context, inputTokens: needs().inputTokens }
    const isFree = ({ guard, meter }: Member): boolean =>
      guard?.wouldAdmit() !== false && meter.hasRoom(request) && meter.roomInMs(request) === 0
    const session = JSON.stringify([context.tenant, context.sessionId])
    const before = kept.get(session)
    const first =
      before !== undefined && sorted.includes(before) && isFree(before) ? before : (sorted.find(isFree) ?? sorted[0]!)
    kept.delete(session)
    kept.set(session, first)
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_SESSIONS) break
      kept.delete(oldest)
    }
    return [first, ...sorted.filter((member) => member !== first)]
  }
}

/** The better of two at random comes first (power of two choices), the others after it by their load. */
function leastLoaded(members: readonly Member[], random: Random): readonly Member[] {
  const open = members.filter(({ guard }) => guard === undefined || guard.wouldAdmit())
  const byLoad = members.toSorted((a, b) => loadOf(a) - loadOf(b))
  if (open.length < 2) return byLoad
  const first = Math.floor(random() * open.length) % open.length
  const other = (first + 1 + Math.floor(random() * (open.length - 1))) % open.length
  const pair = [open[first]!, open[other]!]
  const chosen = loadOf(pair[1]!) < loadOf(pair[0]!) ? pair[1]! : pair[0]!
  return [chosen, ...byLoad.filter((member) => member !== chosen)]
}

function loadOf({ load }: Member): number {
  return load?.cost ?? 0
}

/** By the price of the request; those without a price come last. */
export function cheapest(
  members: readonly Member[],
  options: LanguageModelV4CallOptions,
  needs: () => RequestNeeds,
): readonly Member[] {
  const { inputTokens } = needs()
  const outputTokens = options.maxOutputTokens ?? USUAL_OUTPUT_TOKENS
  const costs = new Map(
    members.map((member) => {
      const price = member.about?.price
      return [member, price === undefined ? Infinity : costOf({ inputTokens, outputTokens }, price)]
    }),
  )
  const cost = (member: Member): number => costs.get(member) ?? Infinity
  return members.toSorted((a, b) => (cost(a) === cost(b) ? 0 : cost(a) - cost(b)))
}

/** In the order somebody else says; unknown names and repetitions are left out, and who throws or names nobody has said nothing. */
function named(
  members: readonly Member[],
  options: LanguageModelV4CallOptions,
  choose: Extract<Choice, (...given: never[]) => unknown>,
): readonly Member[] {
  try {
    const names = choose(
      options,
      members.map(({ name }) => name),
    )
    const chosen = [...new Set(names)].flatMap((name) => members.filter((member) => member.name === name))
    return chosen.length === 0 ? members : chosen
  } catch {
    return members
  }
}

/** A number above 0 and below 1 that is always the same for the same text. */
function diceOf(text: string): number {
  return (hashOf(text) + 0.5) / 4_294_967_296
}
