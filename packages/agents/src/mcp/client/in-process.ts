import { InMemoryTransport } from '@modelcontextprotocol/client'
import type { McpToolServer } from '../server/create-server.ts'
import type { McpCustomServer } from './options.ts'

/** A server of this process, as the registry takes it: tools of one's own are then called as those of other programs are, and either can take the place of the other. */
export function inProcess(server: Pick<McpToolServer, 'connect'>): McpCustomServer {
  return {
    transport() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      server.connect(theirs)
      return ours
    },
  }
}
