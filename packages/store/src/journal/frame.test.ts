import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum, frame, frameAt, scan } from './frame.ts'

/** Texts that look like lines of a journal, and worse. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\n', '\u2028', '\0', '{"v":1}', '8bfd2280 7 {"v":1}\n', '"', '\\', '😀', '\ud800'),
)
const payload = text.map((data) => JSON.stringify({ v: 1, data: { data, nested: { v: 1 } } }))

/** Lines, and where each of them begins and ends. */
function written(payloads: readonly string[]): {
  bytes: Buffer
  lines: { from: number; to: number; payload: unknown }[]
} {
  const lines: { from: number; to: number; payload: unknown }[] = []
  let from = 0
  const parts = payloads.map((json) => {
    const line = frame(json)
    lines.push({ from, to: from + line.length, payload: JSON.parse(json) as unknown })
    from += line.length
    return line
  })
  return { bytes: Buffer.concat(parts), lines }
}

describe('a line of a journal', () => {
  it('is a checksum, a length and JSON, which a person can read', () => {
    expect(frame('{"v":1,"text":"é"}').toString()).toBe('24c2c591 19 {"v":1,"text":"é"}\n')
    expect(checksum('123456789')).toBe('cbf43926')
  })

  it('is found again, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(payload), (payloads) => {
        const { bytes, lines } = written(payloads)
        const { frames, bad } = scan(bytes)
        expect(frames.map(({ payload }) => payload)).toEqual(lines.map(({ payload }) => payload))
        expect(bad).toEqual([])
      }),
    )
  })

  it('is found when others around it are damaged, and nothing else is taken for one', () => {
    const damage = fc.record({
      at: fc.nat(1_000),
      removed: fc.nat(60),
      inserted: fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(
          Buffer.alloc(30),
          Buffer.from('\n'),
          Buffer.from('00000000 7 {"v":1}\n'),
          Buffer.from(' {"v":'),
        ),
      ),
    })
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1 }), damage, (payloads, { at, removed, inserted }) => {
        const { bytes, lines } = written(payloads)
        const from = Math.min(at, bytes.length)
        const to = Math.min(from + removed, bytes.length)
        const damaged = Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(to)])
        const { frames, bad } = scan(damaged)
        const found = frames.map(({ payload }) => JSON.stringify(payload))
        for (const line of lines) {
          if (line.to <= from || line.from >= to) expect(found).toContain(JSON.stringify(line.payload))
        }
        const all = lines.map(({ payload }) => JSON.stringify(payload))
        for (const one of found) expect(all).toContain(one)
        const covered = [...frames, ...bad].reduce((sum, { length }) => sum + length, 0)
        expect(covered, 'every byte is told of').toBe(damaged.length)
      }),
      { numRuns: 500 },
    )
  })

  it('that was cut off by a crash is told from one that was damaged', () => {
    const bytes = Buffer.concat([frame('{"v":1,"n":1}'), frame('{"v":1,"n":2}')])
    const second = bytes.length / 2
    for (let length = second; length < bytes.length - 1; length += 1) {
      const { frames, bad } = scan(bytes.subarray(0, length))
      expect(frames).toHaveLength(1)
      expect(bad).toEqual(length === second ? [] : [{ offset: second, length: length - second, torn: true }])
    }
    expect(scan(bytes.subarray(0, -1))).toMatchObject({ frames: [{}, {}], bad: [] })
    expect(scan(Buffer.concat([bytes, Buffer.alloc(100)])).bad).toEqual([
      { offset: bytes.length, length: 100, torn: true },
    ])
    const flipped = Buffer.from(bytes)
    flipped[bytes.length - 3]! ^= 1
    expect(scan(flipped).bad).toEqual([{ offset: second, length: second, torn: false }])
  })

  it('is none with a wrong length, checksum or JSON', () => {
    const whole = frame('{"v":1}').toString()
    for (const wrong of [
      whole.replace(' 7 ', ' 8 '),
      whole.replace(' 7 ', ' 07 '),
      whole.replace(' 7 ', ' -7 '),
      whole.replace(' 7 ', ' 99999999999 '),
      whole.replace('1}', '2}'),
      `${checksum('{"v":1')} 6 {"v":1\n`,
      whole.toUpperCase(),
      whole.slice(1),
    ])
      expect(frameAt(Buffer.from(wrong), 0), wrong).toBeUndefined()
    expect(frameAt(Buffer.from(whole), 0)?.payload).toEqual({ v: 1 })
  })
})
