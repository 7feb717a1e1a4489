import { expect, type RunnerTask, type RunnerTestFile, type SerializedConfig } from 'vitest'
import { setSafeTimers, startTests } from 'vitest/internal/browser'
import { NOT_HERE } from './not-here.ts'

/** A test, or a file of tests, and what there is to say about it. */
export interface Remark {
  readonly test: string
  readonly says: string
}

/** What became of the tests in one runtime. */
export interface SuiteReport {
  readonly passed: number
  readonly failures: readonly Remark[]
  /** What was not run, and why. */
  readonly excluded: readonly Remark[]
}

/** Loads a file of tests, which makes them known. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>

/** As in `vitest.config.ts`; what the runner asks for besides has Vitest's own default. */
const CONFIG = {
  root: '/',
  setupFiles: [],
  sequence: { hooks: 'stack', setupFiles: 'list', shuffle: false, concurrent: false },
  testTimeout: 20_000,
  hookTimeout: 20_000,
  maxConcurrency: 5,
  retry: 0,
  repeats: 0,
  passWithNoTests: false,
  allowOnly: false,
  tags: [],
  strictTags: true,
  snapshotOptions: { expand: false },
  expect: {},
  fakeTimers: { loopLimit: 10_000, shouldClearNativeTimers: true },
} as unknown as SerializedConfig

const NO_ASSERTIONS = { assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }

/**
 * Runs files of tests with Vitest's own runner, which needs nothing of Node: `describe`, `it.each`, hooks, matchers and fake
 * timers are those of `npm run test:unit`.
 * @param watch calls back with every error that nobody handled.
 */
export async function runSuite(
  files: TestFiles,
  watch: (onError: (error: unknown) => void) => void,
): Promise<SuiteReport> {
  const unhandled: Remark[] = []
  let running = 'before the first test'
  // Noticed only when the next task begins, and by then the next test may have begun, too.
  watch((error) => unhandled.push({ test: running, says: `unhandled, in it or just before: ${String(error)}` }))
  // Where matchers and fake timers look for the configuration.
  Object.defineProperty(globalThis, '__vitest_worker__', { value: { config: CONFIG, ctx: {} }, configurable: true })
  setSafeTimers()
  const done = await startTests(
    Object.keys(files).map((path) => `/${path}`),
    {
      config: CONFIG,
      importFile: (path) => files[path.slice(1)]?.(),
      onBeforeRunTask: ({ fullTestName, file }) => void (running = `${file.name} > ${fullTestName}`),
      onBeforeTryTask: () => expect.setState(NO_ASSERTIONS),
      onAfterTryTask() {
        const state = expect.getState()
        const { assertionCalls, expectedAssertionsNumber: expected } = state
        const wrongNumber = expected !== null && expected !== assertionCalls
        if (wrongNumber || (state.isExpectingAssertions === true && assertionCalls === 0))
          throw new Error(`expected ${expected ?? 'some'} assertions, but got ${assertionCalls}`)
      },
    },
  )
  // A rejection is known to be unhandled only after the task in which it happened.
  await new Promise((resolve) => setTimeout(resolve, 20))
  const report = reportOn(done)
  return { ...report, failures: [...report.failures, ...unhandled] }
}

/** Counts what Vitest's runner says about its files. */
export function reportOn(files: readonly RunnerTestFile[]): SuiteReport {
  let passed = 0
  const failures: Remark[] = []
  const excluded: Remark[] = []
  const visit = (task: RunnerTask, parent: string): void => {
    const test = parent === '' ? task.name : `${parent} > ${task.name}`
    // A task fails with its children, too; then it has no errors of its own.
    const errors = task.result?.errors ?? []
    const isTest = task.type === 'test'
    if (errors.length > 0 && errors.every(({ name }) => name === NOT_HERE)) {
      excluded.push({ test, says: errors[0]?.message ?? NOT_HERE })
      if (!isTest) return
    } else if (errors.length > 0) {
      failures.push({ test, says: errors.map(({ name, message }) => `${name}: ${message}`).join('\n') })
    } else if (isTest && task.result?.state === 'pass') {
      passed += 1
    } else if (isTest && (task.mode === 'skip' || task.mode === 'todo') && parent !== '') {
      excluded.push({ test, says: 'skipped by itself' })
    } else if (isTest) {
      failures.push({ test, says: `ended as ${task.result?.state ?? 'not run'}` })
    }
    if (!isTest) for (const child of task.tasks) visit(child, test)
  }
  for (const file of files) visit(file, '')
  return { passed, failures, excluded }
}
