import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { deserializeMessage, SdkError, SdkErrorCode, serializeMessage } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio'
import { forgetChild, HAS_GROUPS, signalChild, watchChild } from './children.ts'
import { inputBacklog, resultTooLarge, spawnFailed } from './failures.ts'
import { createLines } from './lines.ts'
import type { ErrorTail } from './error-tail.ts'

/** How the child is started and ended. */
export interface StdioTransportOptions {
  readonly server: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | undefined
  readonly maxMessageBytes: number
  readonly shutdownMs: number
  /** Gets what the child writes to its standard error. */
  readonly errors: ErrorTail
}

/** What the child wrote before its end may still be on the way when it has ended; but somebody may hold its output open for ever. */
const DRAIN_MS = 100

/**
 * A child that is spoken to over its standard input and output. It is closed once the child has ended, whoever else still holds its output open, so that
 * calls under way fail at once.
 */
export class StdioTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: Transport['onmessage']
  /** Together with `pid` it tells the SDK what kind of transport this is: where silence means an old server. */
  readonly stderr = null
  readonly #options: StdioTransportOptions
  #child: ChildProcess | undefined
  #isOver = false
  #exited: Promise<void> = Promise.resolve()

  constructor(options: StdioTransportOptions) {
    this.#options = options
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  start(): Promise<void> {
    const { server, command, args, env, cwd, maxMessageBytes, errors } = this.#options
    return new Promise((resolve, reject) => {
      let child: ChildProcess
      try {
        child = spawn(command, args, {
          env: { ...getDefaultEnvironment(), ...env },
          ...(cwd === undefined ? {} : { cwd }),
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: HAS_GROUPS,
          windowsHide: true,
        })
      } catch (error) {
        reject(spawnFailed(server, error))
        return
      }
      this.#child = child
      const lines = createLines(maxMessageBytes, (line) => this.#read(line))
      child.stdout?.on('data', (chunk: Buffer) => {
        if (lines.push(chunk)) return
        // Where the next message begins cannot be told any more.
        this.onerror?.(resultTooLarge(server, maxMessageBytes))
        void this.close()
        this.#over()
      })
      child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text))
      for (const stream of [child.stdin, child.stdout, child.stderr]) {
        stream?.on('error', (error) => this.onerror?.(error))
      }
      child.once('spawn', () => {
        watchChild(child)
        resolve()
      })
      child.on('error', (error) => {
        reject(spawnFailed(server, error))
        this.#over()
      })
      this.#exited = new Promise((gone) => {
        child.once('error', () => gone())
        child.once('exit', () => {
          forgetChild(child)
          // What it has started has lost whom it worked for.
          signalChild(child, 'SIGKILL')
          gone()
          const late = setTimeout(() => this.#over(), DRAIN_MS)
          child.once('close', () => {
            clearTimeout(late)
            this.#over()
          })
        })
      })
    })
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin
    if (this.#isOver || stdin?.writable !== true) {
      return Promise.reject(new SdkError(SdkErrorCode.NotConnected, 'Not connected'))
    }
    // One that does not read must not fill our memory.
    if (stdin.writableLength > this.#options.maxMessageBytes) return Promise.reject(inputBacklog(this.#options.server))
    return new Promise((resolve, reject) => {
      stdin.write(serializeMessage(message), (error) => {
        if (error) reject(new SdkError(SdkErrorCode.SendFailed, 'Not sent', undefined, { cause: error }))
        else resolve()
      })
    })
  }

  /** Ends the child: its input ends, then it is asked, then it is killed. Resolves when it is gone. */
  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined) {
      this.#over()
      return
    }
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const { shutdownMs } = this.#options
      child.stdin?.end()
      const ask = setTimeout(() => signalChild(child, 'SIGTERM'), shutdownMs / 4)
      const kill = setTimeout(() => signalChild(child, 'SIGKILL'), shutdownMs)
      await this.#exited
      clearTimeout(ask)
      clearTimeout(kill)
    }
    this.#over()
  }

  #read(line: string): void {
    let message: JSONRPCMessage
    try {
      message = deserializeMessage(line)
    } catch (error) {
      // Programs print to where only messages belong. That is none of our business, as long as messages come too.
      if (!(error instanceof SyntaxError)) this.onerror?.(error as Error)
      return
    }
    this.onmessage?.(message)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    const { stdin, stdout, stderr } = this.#child ?? {}
    for (const stream of [stdin, stdout, stderr]) stream?.destroy()
    this.onclose?.()
  }
}
