import { redisSigns } from '@holdfast/agents/events/redis'
import type { RedisSigns, RedisSignsOptions } from '@holdfast/agents/events/redis'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { until } from '../harness/fleet.ts'
import type { Fleet } from './contract.ts'

/** One process of a fleet: a store whose signs go by Redis. */
export interface Member {
  readonly store: Store
  readonly signs: RedisSigns
  /** Whether they go out and come in. */
  isReady(): boolean
  /** What {@link RedisSignsOptions.onChange} has heard. */
  readonly changes: readonly unknown[]
  close(): Promise<void>
}

/** Opens one; does not wait for Redis. */
export async function openMember(
  url: string,
  redisUrl: string,
  options: Partial<RedisSignsOptions> = {},
): Promise<Member> {
  const changes: unknown[] = []
  const onChange = (isReady: boolean, error?: unknown): unknown => changes.push(isReady ? true : error)
  const signs = redisSigns({ url: redisUrl, onChange, ...options })
  const store = await openStore({ url, signs })
  return {
    store,
    signs,
    changes,
    isReady: () => changes.at(-1) === true,
    async close() {
      await store.close()
      await signs.close()
    },
  }
}

/** Two processes whose signs go by Redis. */
export async function openFleet(addresses: { readonly url: string; readonly redisUrl: string }): Promise<Fleet> {
  const { url, redisUrl } = addresses
  const members = [await openMember(url, redisUrl), await openMember(url, redisUrl)] as const
  await until('signs by Redis', () => Promise.resolve(members.every((member) => member.isReady())))
  const [writer, reader] = members
  return {
    writer: writer.store,
    reader: reader.store,
    close: async () => void (await Promise.all(members.map((member) => member.close()))),
  }
}
