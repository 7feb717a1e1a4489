import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/core'
import { expect, it } from 'vitest'
import * as errors from '../src/values/errors.ts'

const reference = readFileSync(new URL('../../../docs/reference/store/values.md', import.meta.url), 'utf8')

it('the reference of values lists every error with its category, and no other', () => {
  const made = Object.values(errors).map((make) => {
    const error = make('x', new Error('x'))
    return HoldfastError.isInstance(error) ? `\`${error.code}\` \`${error.category}\`` : 'no error'
  })
  const rows = reference
    .slice(reference.indexOf('## Errors'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const listed = rows.map((line) => {
    const [, code = '', category = ''] = line.split('|')
    return `${code.trim()} ${category.trim()}`
  })
  expect(listed.toSorted()).toEqual(made.toSorted())
})
