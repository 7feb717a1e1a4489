/**
 * Keeps a journal busy until it is killed, and prints what it was promised, each line when it was: `kept <key> <sequence>`,
 * `marking <sequence>` before and `marked <sequence>` after a mark is on the disk.
 */
import { openJournal } from '@holdfast/store/journal'

const [directory = '', prefix = ''] = process.argv.slice(2)
const journal = await openJournal({ directory, segmentBytes: 32_768, rememberedKeys: 50 })
console.log('ready')

/** Long and short ones, told by the key alone. */
function dataOf(key: string): unknown {
  return { key, text: 'é'.repeat((key.length * 7_919 + Number(key.split('-').at(-1)) * 104_729) % 2_000) }
}

async function append(lane: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const key = `${prefix}-${lane}-${count}`
    const { sequence } = await journal.append({ kind: 'ticket', key, data: dataOf(key) })
    console.log(`kept ${key} ${sequence}`)
    if (count % 3 === 0) await journal.append({ kind: 'ticket', key, data: dataOf(key) })
  }
}

async function handle(): Promise<never> {
  for (;;) {
    const { handled } = await journal.replay(
      ({ sequence }) => {
        // Some stay, so that files have to be emptied before they can go.
        if (sequence % 40 === 0) throw new Error('not now')
        console.log(`marking ${sequence}`)
      },
      { onFailure: 'continue' },
    )
    if (handled === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

// What a replay has marked is told by what it begins next; the last one is anybody's guess.
await Promise.all([...Array.from({ length: 8 }, (_, lane) => append(lane)), handle()])
