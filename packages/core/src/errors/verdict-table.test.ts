import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { CATEGORY_RULES } from './category-rules.ts'

const source = await readFile(new URL('verdict-table.ts', import.meta.url), 'utf8')
const rows = (/const TABLE = `\n([^`]+)`/.exec(source)?.[1] ?? '').split(/\n(?! )/)

describe('the table of verdicts', () => {
  it('has rows of the right form, with categories that exist and retry only where their category does', () => {
    expect(rows.length).toBeGreaterThan(20)
    for (const row of rows) {
      const [, category = '', again] = /^[A-Z_]+ (\S+) (retry|final) (?:safe|unsure): \S.*\S\n [^]+$/.exec(row) ?? []
      const rule = CATEGORY_RULES[category as keyof typeof CATEGORY_RULES]
      expect(rule, row).toBeDefined()
      if (again === 'retry') expect(rule.retry, row).toBe(true)
    }
  })

  it('has each code and each word once', () => {
    const codes = rows.map((row) => row.split(' ')[0])
    const words = rows.flatMap((row) => row.split('\n').slice(1).join(' ').trim().split(/\s+/))
    expect(new Set(codes).size).toBe(codes.length)
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
  })
})
