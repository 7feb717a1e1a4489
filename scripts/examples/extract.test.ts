import { describe, expect, it } from 'vitest'
import { examplesInMarkdown, examplesInSource } from './extract.ts'

const page = (...lines: string[]): string => lines.join('\n')

describe('examples in Markdown', () => {
  it('are the `ts` blocks, with their place', () => {
    const text = page('# A', '', '```ts', "import 'a'", '', 'b()', '```', '', '```sh', 'npm start', '```')
    expect(examplesInMarkdown('a.md', text)).toEqual([{ path: 'a.md', line: 4, code: "import 'a'\n\nb()", runs: true }])
  })

  it('are not run where they are marked', () => {
    expect(examplesInMarkdown('a.md', page('```ts no-run', 'b()', '```'))).toMatchObject([{ runs: false }])
  })

  it('lose the indentation of a list', () => {
    expect(examplesInMarkdown('a.md', page('- so:', '  ```ts', '  if (a)', '    b()', '  ```'))[0]?.code).toBe(
      'if (a)\n  b()',
    )
  })

  it('may stand in a longer fence, which is then none of ours', () => {
    expect(examplesInMarkdown('a.md', page('````md', '```ts', 'b()', '```', '````'))).toEqual([])
  })
})

describe('examples in doc comments', () => {
  it('are the `ts` blocks, with their place', () => {
    const text = page(
      'const a = 1',
      '/**',
      ' * Does it.',
      ' * @example',
      ' * ```ts',
      ' * b({',
      ' *   c })',
      ' * ```',
      ' */',
      'x()',
    )
    expect(examplesInSource('a.ts', text)).toEqual([{ path: 'a.ts', line: 6, code: 'b({\n  c })', runs: true }])
  })

  it('must be blocks when they are announced', () => {
    expect(() => examplesInSource('a.ts', page('/**', ' * @example b()', ' */'))).toThrow('a.ts:1: an @example needs')
  })

  it('are not looked for in code', () => {
    expect(examplesInSource('a.ts', page('const t = `', '```ts', 'b()', '```', '`'))).toEqual([])
  })
})
