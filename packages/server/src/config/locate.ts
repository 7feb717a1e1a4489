import { parse } from '@babel/parser'

/** A step from a value into one of its parts. */
export type PathStep = string | number

/** The little that is needed of a syntax tree. */
interface SyntaxNode {
  readonly type: string
  readonly loc?: { readonly start: { readonly line: number } } | null
  readonly [field: string]: unknown
}

/**
 * Finds the line of the source on which a part of the default export is written. When the part itself is not written
 * there (it is missing, or comes from a variable of another file), the line of the nearest part that contains it.
 */
export function lineOf(source: string, path: readonly PathStep[]): number | undefined {
  let body: readonly SyntaxNode[]
  try {
    body = parse(source, { sourceType: 'module', plugins: ['typescript'], errorRecovery: true }).program
      .body as unknown as readonly SyntaxNode[]
  } catch {
    return undefined
  }
  const exported = body.find((statement) => statement.type === 'ExportDefaultDeclaration')
  if (exported === undefined) return undefined
  let line = exported.loc?.start.line
  let node = resolve(exported['declaration'] as SyntaxNode, body)
  for (const step of path) {
    const found = stepInto(node, step, body)
    if (found === undefined) break
    line = found.line ?? line
    node = found.node
  }
  return line
}

/** Looks through `defineConfig(…)`, `as const`, `satisfies` and names of constants of this file. */
function resolve(node: SyntaxNode, body: readonly SyntaxNode[], depth = 0): SyntaxNode {
  if (depth > 20) return node
  switch (node.type) {
    case 'CallExpression': {
      const [first] = node['arguments'] as readonly SyntaxNode[]
      const callee = node['callee'] as SyntaxNode
      return callee['name'] === 'defineConfig' && first !== undefined ? resolve(first, body, depth + 1) : node
    }
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return resolve(node['expression'] as SyntaxNode, body, depth + 1)
    case 'Identifier': {
      const value = constantNamed(node['name'] as string, body)
      return value === undefined ? node : resolve(value, body, depth + 1)
    }
    default:
      return node
  }
}

function constantNamed(name: string, body: readonly SyntaxNode[]): SyntaxNode | undefined {
  for (const statement of body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? (statement['declaration'] as SyntaxNode | null) : statement
    if (declaration?.type !== 'VariableDeclaration') continue
    for (const declarator of declaration['declarations'] as readonly SyntaxNode[]) {
      if ((declarator['id'] as SyntaxNode)['name'] === name) return (declarator['init'] ?? undefined) as SyntaxNode
    }
  }
  return undefined
}

function stepInto(
  node: SyntaxNode,
  step: PathStep,
  body: readonly SyntaxNode[],
): { node: SyntaxNode; line: number | undefined } | undefined {
  if (node.type === 'ArrayExpression' && typeof step === 'number') {
    const element = (node['elements'] as readonly (SyntaxNode | null)[])[step]
    return element ? { node: resolve(element, body), line: element.loc?.start.line } : undefined
  }
  if (node.type !== 'ObjectExpression') return undefined
  const properties = node['properties'] as readonly SyntaxNode[]
  // The last one wins, as it does when the object is made.
  for (const property of properties.toReversed()) {
    if (property.type === 'SpreadElement') {
      const found = stepInto(resolve(property['argument'] as SyntaxNode, body), step, body)
      if (found !== undefined) return found
    } else if (keyOf(property) === String(step)) {
      const value = property.type === 'ObjectProperty' ? (property['value'] as SyntaxNode) : property
      return { node: resolve(value, body), line: property.loc?.start.line }
    }
  }
  return undefined
}

function keyOf(property: SyntaxNode): string | undefined {
  const key = property['key'] as SyntaxNode | undefined
  if (key === undefined || property['computed'] === true) return undefined
  if (key.type === 'Identifier') return key['name'] as string
  if (key.type === 'StringLiteral' || key.type === 'NumericLiteral') return String(key['value'])
  return undefined
}
