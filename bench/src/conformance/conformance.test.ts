import { beforeAll, describe, expect, it } from 'vitest'
import { exposeCollector } from '../harness/collector.ts'
import { holdfast } from './libraries/holdfast.ts'
import { CASES, judge } from './run.ts'

describe('an old bug', () => {
  beforeAll(exposeCollector)

  it.each(CASES)('($id) $title', async (subject) => {
    expect(await judge(subject, holdfast)).toEqual({ result: 'pass', reason: '' })
  })
})
