import { describe, expect, it } from 'vitest'
import { localLinks } from './links.ts'

describe('the gate `links`', () => {
  it('sees links to files, without their anchors', () => {
    expect(localLinks('# A\n[one](a.md#top), [`two`](../b/README.md)')).toEqual([
      { line: 2, target: 'a.md' },
      { line: 2, target: '../b/README.md' },
    ])
  })

  it('leaves the web, anchors and code alone', () => {
    expect(localLinks('[a](https://example.com) [b](#b) [c](mailto:a@example.com) `[d](e.md)`')).toEqual([])
    expect(localLinks('```md\n[a](b.md)\n```')).toEqual([])
  })
})
