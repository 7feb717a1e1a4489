import { describe, expect, it } from 'vitest'
import { warmUp } from './warm-up.ts'

describe('warmUp', () => {
  it('warms every assistant that can be, and goes on after one that fails', async () => {
    const warmed: string[] = []
    const warnings: unknown[] = []
    const assistants = [
      { name: 'cold' },
      { name: 'broken', warmUp: () => Promise.reject(new Error('no tables')) },
      { name: 'worse', warmUp: () => JSON.parse('{') as void },
      { name: 'desk', warmUp: () => void warmed.push('desk') },
    ]
    await warmUp(assistants, { warn: (fields) => warnings.push(fields['assistant']) })
    expect(warmed).toEqual(['desk'])
    expect(warnings).toEqual(['broken', 'worse'])
  })
})
