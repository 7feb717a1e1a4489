import { dirname, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Which packages a room of the house may name; arrows point one way. What is not listed may name every one. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/ai': ['@holdfast/core'],
  'packages/connectors': ['@holdfast/core'],
  'packages/store': ['@holdfast/core'],
  'packages/agents': ['@holdfast/core', '@holdfast/ai', '@holdfast/store'],
  'packages/server': ['@holdfast/core', '@holdfast/ai', '@holdfast/agents', '@holdfast/connectors', '@holdfast/store'],
  'assistants/*': ['@holdfast/core', '@holdfast/ai', '@holdfast/agents', '@holdfast/connectors', '@holdfast/store'],
}

/** Says why an import crosses a wall of the house, or `undefined` when it does not. */
export function crossedWall(file: string, specifier: string): string | undefined {
  const path = relative(ROOT, file).split(sep).join(posix.sep)
  const room = roomOf(path)
  if (specifier.startsWith('.')) {
    const target = relative(ROOT, resolve(dirname(file), specifier))
      .split(sep)
      .join(posix.sep)
    return roomOf(target) === room ? undefined : `Name the package; '${specifier}' reaches into another one's files.`
  }
  if (!specifier.startsWith('@holdfast/')) return undefined
  const name = specifier.split('/').slice(0, 2).join('/')
  const [kind, folder = ''] = room.split('/')
  const own = `@holdfast/${kind === 'assistants' ? 'assistant-' : ''}${folder}`
  const allowed = ARROWS[room] ?? (kind === 'assistants' ? ARROWS['assistants/*'] : undefined)
  if (allowed === undefined || name === own || allowed.includes(name)) return undefined
  return `${room} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')}; not ${name}.`
}

/** `packages/core`, `assistants/charter`, `sandbox`, `bench`; everything else belongs to the root, named `.`. */
function roomOf(path: string): string {
  const [first = '.', second] = path.split('/')
  if ((first === 'packages' || first === 'assistants') && second !== undefined) return `${first}/${second}`
  return first === 'sandbox' || first === 'bench' ? first : '.'
}
