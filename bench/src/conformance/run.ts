import { execFile } from 'node:child_process'
import { seededRandom } from '@holdfast/core/testing'
import { VirtualTime } from '../virtual-time/virtual-time.ts'
import { BREAKER_CASES } from './cases/breaker.ts'
import { CACHE_CASES } from './cases/cache.ts'
import { LIMIT_CASES } from './cases/limits.ts'
import { OWN_CASES } from './cases/own.ts'
import { needs } from './cases/parts.ts'
import { RETRY_CASES } from './cases/retry.ts'
import type { Case, Library, Watched, World } from './subject.ts'

/** How one library did in one case. */
export interface Verdict {
  readonly result: 'pass' | 'FAIL' | 'n/a'
  /** What is wrong, or missing; empty when it passes. */
  readonly reason: string
}

const EXIT_LIMIT_MS = 1_000

/** Runs in a process of its own, on real time. */
const EXIT_CASE: Case = {
  id: 'B24',
  title: 'a process exits as soon as its last call has ended, whatever limit the call had',
  lacks: needs('exitProgram', 'stack'),
  async check({ exitProgram = '' }) {
    const marked = `${exitProgram}\nconsole.log(Date.now())\nprocess.on('exit', () => console.log(Date.now()))\n`
    const output = await new Promise<string>((resolve, reject) => {
      const options = { cwd: new URL('.', import.meta.url), timeout: 10_000 }
      const args = ['--conditions=holdfast-source', '--input-type=module', '--eval', marked]
      execFile(process.execPath, args, options, (error, stdout) => {
        if (error === null) resolve(stdout)
        else reject(error.killed === true ? new Error('is still there after 10 s') : error)
      })
    })
    const [ended = 0, exited = Infinity] = output.trim().split('\n').map(Number)
    if (exited - ended > EXIT_LIMIT_MS) throw new Error(`is there for another ${exited - ended} ms`)
  },
}

const number = ({ id }: Case): number => Number(id.slice(1))

/** Every case, in the order of the list. */
export const CASES: readonly Case[] = [
  ...RETRY_CASES,
  ...BREAKER_CASES,
  ...LIMIT_CASES,
  ...CACHE_CASES,
  ...OWN_CASES,
  EXIT_CASE,
].toSorted((a, b) => number(a) - number(b))

/** Runs one case against one library, on virtual time that is installed for as long as it lasts. */
export async function judge(subject: Case, library: Library): Promise<Verdict> {
  const lacks = subject.lacks(library)
  if (lacks !== undefined) return { result: 'n/a', reason: lacks }
  if (subject === EXIT_CASE) return verdictOf(subject.check(library, undefined as unknown as World))
  const time = new VirtualTime(1_000_000)
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  const faults: unknown[] = []
  const noteFault = (error: unknown): void => void faults.push(error)
  const otherFaults = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', noteFault)
  const putBack = time.install(seededRandom(1))
  try {
    const verdict = await verdictOf(subject.check(library, { time, watch: watchOn(time), unhandled }))
    await time.settle()
    return verdict
  } finally {
    putBack()
    process.off('unhandledRejection', note)
    process.off('uncaughtException', noteFault)
    for (const listener of others) process.on('unhandledRejection', listener)
    for (const listener of otherFaults) process.on('uncaughtException', listener)
  }
}

function watchOn(time: VirtualTime): World['watch'] {
  return (promise) => {
    const watched: Watched = { state: 'pending', value: undefined, at: Infinity }
    const settle = (state: Watched['state']) => (value: unknown) => {
      watched.state = state
      watched.value = value
      watched.at = time.now
    }
    promise.then(settle('fulfilled'), settle('rejected'))
    return watched
  }
}

async function verdictOf(check: Promise<void>): Promise<Verdict> {
  try {
    await check
    return { result: 'pass', reason: '' }
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { result: 'FAIL', reason: first }
  }
}
