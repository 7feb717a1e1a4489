import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { crossedWall } from './boundaries.ts'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('the walls of the house', () => {
  it('lets a file import its neighbours', () => {
    expect(crossedWall(at('packages/core/src/retry/retry.ts'), '../clock/clock.ts')).toBeUndefined()
    expect(crossedWall(at('sandbox/test/faults.test.ts'), '../src/index.ts')).toBeUndefined()
    expect(crossedWall(at('test/failover.test.ts'), './harness/desk.ts')).toBeUndefined()
  })

  it('refuses a relative import into another package', () => {
    expect(crossedWall(at('packages/ai/src/index.ts'), '../../core/src/index.ts')).toContain('reaches into')
    expect(crossedWall(at('test/failover.test.ts'), '../packages/core/src/index.ts')).toContain('reaches into')
    expect(crossedWall(at('assistants/charter/src/index.ts'), '../../../packages/ai/src/index.ts')).toContain('reaches')
  })

  it('lets arrows point one way only', () => {
    expect(crossedWall(at('packages/ai/src/index.ts'), '@holdfast/core')).toBeUndefined()
    expect(crossedWall(at('packages/core/src/index.ts'), '@holdfast/ai')).toContain('no other package')
    expect(crossedWall(at('packages/connectors/src/n8n/index.ts'), '@holdfast/ai')).toContain('not @holdfast/ai')
    expect(crossedWall(at('packages/store/src/journal/index.ts'), '@holdfast/core')).toBeUndefined()
    expect(crossedWall(at('packages/store/src/journal/index.ts'), '@holdfast/ai')).toContain('not @holdfast/ai')
    expect(crossedWall(at('packages/agents/src/mcp/index.ts'), '@holdfast/ai')).toBeUndefined()
    expect(crossedWall(at('packages/agents/src/mcp/index.ts'), '@holdfast/connectors/avinode')).toContain('not @holdf')
    expect(crossedWall(at('packages/ai/src/index.ts'), '@holdfast/agents/mcp')).toContain('not @holdfast/agents')
    expect(crossedWall(at('packages/server/src/index.ts'), '@holdfast/agents/mcp')).toBeUndefined()
    expect(crossedWall(at('packages/server/src/index.ts'), '@holdfast/store/journal')).toBeUndefined()
    expect(crossedWall(at('packages/server/src/index.ts'), '@holdfast/assistant-charter')).toContain('not @holdfast')
  })

  it('lets an assistant name itself and the packages, but not the server', () => {
    const file = at('assistants/charter/src/index.ts')
    expect(crossedWall(file, '@holdfast/assistant-charter/understanding')).toBeUndefined()
    expect(crossedWall(file, '@holdfast/connectors/n8n')).toBeUndefined()
    expect(crossedWall(file, '@holdfast/server')).toContain('not @holdfast/server')
  })

  it('lets a package name itself, and the tests from outside use the scripts', () => {
    expect(crossedWall(at('packages/server/test/fixture/holdfast.config.ts'), '@holdfast/server')).toBeUndefined()
    expect(crossedWall(at('test/page.test.ts'), '../scripts/services.ts')).toBeUndefined()
  })

  it('leaves the sandbox, the bench and other packages alone', () => {
    expect(crossedWall(at('sandbox/src/llm.ts'), '@holdfast/assistant-charter/understanding')).toBeUndefined()
    expect(crossedWall(at('packages/core/src/index.ts'), 'fast-check')).toBeUndefined()
  })
})
