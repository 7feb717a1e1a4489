import type { AssistantDefinition } from '@holdfast/ai'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'

/** Warms the assistants up, one after the other. Never rejects: an assistant that stays cold still answers. */
export async function warmUp(
  assistants: readonly Pick<AssistantDefinition, 'name' | 'warmUp'>[],
  log: Pick<Log, 'warn'>,
): Promise<void> {
  for (const assistant of assistants) {
    try {
      await assistant.warmUp?.()
    } catch (error) {
      log.warn({ assistant: assistant.name, ...describeFailure(error) }, 'an assistant could not be warmed up')
    }
  }
}
