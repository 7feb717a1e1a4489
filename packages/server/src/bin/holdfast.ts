#!/usr/bin/env node
import process from 'node:process'
import { keepHeapSmall } from '../start/small-heap.ts'

keepHeapSmall([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''])
// What the AI SDK warns of would go to standard error in a form of its own, past the log.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
const { run } = await import('../command/run.ts')

process.exitCode = await run(process.argv.slice(2), process.cwd(), process.env, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
// Connections that are kept open for the next call must not keep a command alive that has nothing more to do.
process.exit()
