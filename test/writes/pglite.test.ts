import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWriteMemory } from '@holdfast/connectors/writes'
import { openStore } from '@holdfast/store/database'
import { expect, it } from 'vitest'
import { describeWriteMemory } from './contract.ts'
import { describeKeptWrites } from './kept.ts'
import { killBetweenWriteAndNote } from './killed.ts'

describeWriteMemory('of a process', () =>
  Promise.resolve({ memory: createWriteMemory(), close: () => Promise.resolve() }),
)
describeKeptWrites('PGlite', () => openStore())

it('a write of a process that was killed before it could note it is not made again until a person has looked', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-writes-'))
  try {
    const after = await killBetweenWriteAndNote(directory, () => openStore({ directory }))
    expect(after).toMatchObject({
      made: 1,
      refused: { code: 'WRITE_UNCONFIRMED', mayHaveTakenEffect: true },
      listed: [{ service: 'crm', key: 'deal-7' }],
      settled: 'deal 7',
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}, 90_000)
