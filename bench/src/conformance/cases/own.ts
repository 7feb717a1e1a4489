import { must } from './parts.ts'
import type { Case } from '../subject.ts'

/** Cases of policies that only ours has. */
export const OWN_CASES: readonly Case[] = (
  [
    ['B36', 'a limit that adapts stays between half and twice what the server can do', 'adaptive limit'],
    ['B37', 'a throttle counts a request when it is sent, not when it ends', 'throttle'],
    ['B38', 'when the budget for hedges is used up, the first attempt goes on', 'hedge'],
  ] as const
).map(([id, title, name]) => ({
  id,
  title,
  lacks: (library) => (library.own?.[id] === undefined ? `has no ${name}` : undefined),
  check: (library, world) => must(library.own?.[id])(world),
}))
