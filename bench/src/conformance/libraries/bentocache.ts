import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { versionOf } from './version.ts'
import type { Library } from '../subject.ts'

export const bentocache: Library = {
  name: 'bentocache',
  version: versionOf('bentocache'),
  takesSignal: false,
  givesSignal: false,
  cache: (freshMs) => {
    const bento = new BentoCache({
      default: 'memory',
      stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 1_000 })) },
    })
    return {
      get: (key, compute) => bento.getOrSet({ key, ttl: freshMs, factory: async () => compute() }),
      set: async (key, value) => void (await bento.set({ key, value, ttl: freshMs })),
    }
  },
}
