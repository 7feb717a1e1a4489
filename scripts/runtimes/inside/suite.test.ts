import type { RunnerTestFile } from 'vitest'
import { describe, expect, it } from 'vitest'
import { NOT_HERE } from './not-here.ts'
import { reportOn } from './suite.ts'

const test = (name: string, state: string | undefined, errors?: { name: string; message: string }[], mode = 'run') => ({
  type: 'test',
  name,
  mode,
  result: state === undefined ? undefined : { state, errors },
})

/** The parts of Vitest's result that are read. */
function fileOf(tasks: readonly unknown[], result?: unknown): RunnerTestFile {
  return { type: 'suite', name: 'a.test.ts', mode: 'run', result, tasks } as unknown as RunnerTestFile
}

describe('a report on tests', () => {
  it('counts what passed, and names what failed with all it says', () => {
    const wrong = { name: 'AssertionError', message: 'expected 1 to be 2' }
    const suite = {
      type: 'suite',
      name: 'inner',
      mode: 'run',
      result: { state: 'fail' },
      tasks: [test('b', 'fail', [wrong, wrong])],
    }
    expect(reportOn([fileOf([test('a', 'pass'), suite], { state: 'fail' })])).toEqual({
      passed: 1,
      failures: [
        {
          test: 'a.test.ts > inner > b',
          says: 'AssertionError: expected 1 to be 2\nAssertionError: expected 1 to be 2',
        },
      ],
      excluded: [],
    })
  })

  it('takes a file that cannot be loaded for a failure', () => {
    const errors = [{ name: 'SyntaxError', message: 'no' }]
    expect(reportOn([fileOf([], { state: 'fail', errors })]).failures).toEqual([
      { test: 'a.test.ts', says: 'SyntaxError: no' },
    ])
  })

  it('excludes what needs more than there is, and only when that is all that is wrong', () => {
    const lacking = { name: NOT_HERE, message: 'needs node:http' }
    const wrong = { name: 'Error', message: 'x' }
    const report = reportOn([fileOf([test('a', 'fail', [lacking]), test('b', 'fail', [lacking, wrong])])])
    expect(report.excluded).toEqual([{ test: 'a.test.ts > a', says: 'needs node:http' }])
    expect(report.failures).toMatchObject([{ test: 'a.test.ts > b' }])
  })

  it('names what was skipped, and fails what never ran', () => {
    const report = reportOn([
      fileOf([test('a', undefined, undefined, 'skip'), test('b', undefined, undefined, 'todo'), test('c', undefined)]),
    ])
    expect(report).toEqual({
      passed: 0,
      failures: [{ test: 'a.test.ts > c', says: 'ended as not run' }],
      excluded: [
        { test: 'a.test.ts > a', says: 'skipped by itself' },
        { test: 'a.test.ts > b', says: 'skipped by itself' },
      ],
    })
  })
})
