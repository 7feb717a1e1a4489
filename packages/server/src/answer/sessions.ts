import { randomUUID } from 'node:crypto'
import type { Clock } from '@holdfast/core'

/** One message of a conversation. */
export interface SessionMessage {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** A conversation that is remembered between the messages of a web widget. */
export interface Session {
  /** As the client knows it. */
  readonly id: string
  /**
   * As the tiers know it. Made here and told to nobody, so that a client cannot reach the conversation of another one by
   * guessing its name.
   */
  readonly innerId: string
  readonly messages: readonly SessionMessage[]
}

/** Conversations, bounded in number and age, never shared between tenants or assistants. */
export interface Sessions {
  readonly size: number
  /** The conversation of that id; a new one where there is none, or no id. */
  open(tenant: string, assistant: string, id: string | undefined): Session
  /** Adds a question and its answer. */
  add(session: Session, question: string, answer: string): void
}

/** What {@link createSessions} is made with. */
export interface SessionsOptions {
  readonly maxSessions: number
  readonly sessionIdleMs: number
  readonly maxSessionMessages: number
  readonly clock: Clock
}

interface StoredSession extends Session {
  messages: readonly SessionMessage[]
  usedAt: number
}

/** Starts with none. */
export function createSessions(options: SessionsOptions): Sessions {
  // In the order of their last use: a map keeps the order of insertion, and each use inserts anew.
  const sessions = new Map<string, StoredSession>()
  const use = (key: string, session: StoredSession): void => {
    sessions.delete(key)
    session.usedAt = options.clock.now()
    sessions.set(key, session)
  }
  const forgetOld = (): void => {
    const oldest = options.clock.now() - options.sessionIdleMs
    for (const [key, session] of sessions) {
      if (session.usedAt > oldest && sessions.size <= options.maxSessions) break
      sessions.delete(key)
    }
  }
  const keys = new WeakMap<Session, string>()
  return {
    get size() {
      forgetOld()
      return sessions.size
    },
    open(tenant, assistant, id) {
      forgetOld()
      const known = id ?? randomUUID()
      const key = JSON.stringify([tenant, assistant, known])
      const session = sessions.get(key) ?? { id: known, innerId: randomUUID(), messages: [], usedAt: 0 }
      use(key, session)
      keys.set(session, key)
      forgetOld()
      return session
    },
    add(session, question, answer) {
      const key = keys.get(session)
      const stored = key === undefined ? undefined : sessions.get(key)
      if (key === undefined || stored !== session) return
      const added: SessionMessage[] = [
        ...stored.messages,
        { role: 'user', text: question },
        { role: 'assistant', text: answer },
      ]
      stored.messages = added.slice(-options.maxSessionMessages)
      use(key, stored)
    },
  }
}
