import { createRedactor } from '@holdfast/ai/guardrails'
import { pino } from 'pino'
import type { LogLevel } from '../config/options.ts'
import type { Log } from '../http/context.ts'
import type { Redact } from './redact.ts'

/** Where lines go: `process.stdout` or the like. */
export interface LogSink {
  write(line: string): unknown
}

/** What {@link createLog} is made with. */
export interface LogOptions {
  readonly level: LogLevel
  readonly redact: Redact
  readonly sink: LogSink
  /** Lines for people rather than for programs: a terminal's. */
  readonly pretty: boolean
}

/** Whatever reaches the log: what customers write about themselves, and keys of whatever provider. */
const personal = createRedactor()

/**
 * JSON lines, or short ones for a terminal; durations (`…Ms`) are in whole milliseconds. No secret of the server passes, and nothing that
 * looks like personal data or like a key.
 */
export function createLog(options: LogOptions): Log {
  const { redact, sink, pretty } = options
  const write = (line: string): void => {
    const safe = redact(line)
    sink.write(pretty ? prettyLine(safe) : safe)
  }
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => personal.redactDeep(wholeMilliseconds(fields)) as Record<string, unknown>,
      },
      hooks: {
        logMethod(args, method) {
          const [fields, message, ...rest] = args
          method.call(this, fields, typeof message === 'string' ? personal.redact(message).text : message, ...rest)
        },
      },
    },
    { write },
  )
}

function wholeMilliseconds(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' && name.endsWith('Ms') ? Math.round(value) : value,
    ]),
  )
}

function prettyLine(line: string): string {
  const { level, time, msg, stack, ...fields } = JSON.parse(line) as Record<string, unknown>
  const details = Object.entries(fields)
    .filter(([name, value]) => value !== undefined && name !== 'event' && name !== 'requestId')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const trace = typeof stack === 'string' ? `\n${stack}` : ''
  return `${String(time).slice(11, 19)} ${String(level).toUpperCase().padEnd(5)} ${String(msg)}  ${details.join(' ')}${trace}\n`
}
