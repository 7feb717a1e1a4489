/** What one SMTP transaction has come to, as far as its failures are judged by it. */
export interface WatchedTransaction {
  /** Whether the message itself was under way: from then on a lost connection says nothing about whether it was taken. */
  readonly hasContent: boolean
  /** For nodemailer, whose errors do not say it. Keeps nothing of what it is told. */
  readonly logger: TransactionLogger
}

interface TransactionLogger {
  trace: Log
  debug: Log
  info: Log
  warn: Log
  error: Log
  fatal: Log
}

type Log = (entry: { readonly tnx?: string }, message: string, ...values: readonly unknown[]) => void

/** Watches one transaction. */
export function watchTransaction(): WatchedTransaction {
  const transaction = {
    hasContent: false,
    logger: { trace: ignore, debug, info: ignore, warn: ignore, error: ignore, fatal: ignore },
  }
  function debug({ tnx }: { readonly tnx?: string }, message: string): void {
    // The command for it may go out early, in one piece with those before; the message goes out when the server asks for it (354).
    if (tnx === 'server' && message.startsWith('354')) transaction.hasContent = true
  }
  return transaction
}

function ignore(): void {
  // Nothing of a message goes into a log.
}
