import { crossedWall } from './boundaries.ts'

// The part of the linter's plugin interface (ESLint's) that is used here.
interface Node {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly parent?: Node
  readonly source?: Node | null
  readonly callee?: Node
  readonly object?: Node
  readonly property?: Node
  readonly arguments?: readonly Node[]
}

interface Context {
  readonly filename: string
  readonly sourceCode: { isGlobalReference(node: Node): boolean }
  report(problem: { node: Node; message: string }): void
}

type Visitor = Readonly<Record<string, (node: Node) => void>>

const boundaries = {
  create(context: Context): Visitor {
    const check = ({ source }: Node): void => {
      if (typeof source?.value !== 'string') return
      const message = crossedWall(context.filename, source.value)
      if (message !== undefined) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      TSImportType: check,
    }
  },
}

/** Reading the wall clock; making a date out of a given value is not. */
const noWallClock = {
  create(context: Context): Visitor {
    return {
      Identifier(node) {
        if (node.name !== 'Date' || !context.sourceCode.isGlobalReference(node)) return
        const { parent } = node
        const given = parent?.type === 'NewExpression' && parent.callee === node && parent.arguments?.length !== 0
        const pure =
          parent?.type === 'MemberExpression' &&
          parent.object === node &&
          (parent.property?.name === 'parse' || parent.property?.name === 'UTC')
        const named = parent?.type === 'BinaryExpression' || parent?.type.startsWith('TS') === true
        if (given || pure || named) return
        context.report({ node, message: 'Take the time from the Clock that was passed in.' })
      },
    }
  },
}

const plugin = {
  meta: { name: 'holdfast' },
  rules: { boundaries, 'no-wall-clock': noWallClock },
}

export default plugin
