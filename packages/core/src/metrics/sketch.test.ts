import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/index.ts'
import { SKETCH_DEFAULTS, type SketchOptions } from './options.ts'
import { createSketch, type Sketch } from './sketch.ts'

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]

function sketchOf(values: Iterable<number>, relativeError: number = SKETCH_DEFAULTS.relativeError): Sketch {
  const sketch = createSketch({ relativeError })
  for (const value of values) sketch.record(value)
  return sketch
}

/** What a sort would say. */
function exact(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN
}

/** The bins that hold something, by index. */
function binsOf(sketch: Sketch): [number, number][] {
  const { first, bins } = sketch.snapshot()
  return bins.flatMap((count, i): [number, number][] => (count > 0 ? [[first + i, count]] : []))
}

/** The largest error of any quantile, as a share of what a sort would say. */
function worstError(sketch: Sketch, values: readonly number[]): number {
  const errors = QUANTILES.map((q) => Math.abs((sketch.quantile(q) ?? NaN) / exact(values, q) - 1))
  return Math.max(...errors)
}

/** What floating point may add. */
const ROUNDING = 1e-9

describe('a sketch', () => {
  it('puts a value into the bin of the published formula, and takes the middle of it for the value', () => {
    const sketch = sketchOf([1, 250, 1_234.5, 5_000])
    expect(binsOf(sketch).map(([index]) => index)).toEqual([0, 277, 356, 426])
    expect(sketch.quantile(0.34)).toBeCloseTo(252.178, 3)
    expect(sketch.quantile(0.67)).toBeCloseTo(1_224.376, 3)
  })

  it('knows count, sum, smallest and largest value exactly', () => {
    const { count, sum, min, max } = sketchOf([3, 0.5, 700, 0])
    expect({ count, sum, min, max }).toEqual({ count: 4, sum: 703.5, min: 0, max: 700 })
  })

  it('has no quantile while it is empty', () => {
    const sketch = createSketch()
    expect([sketch.count, sketch.sum, sketch.min, sketch.max]).toEqual([0, 0, 0, 0])
    expect(sketch.quantile(0.5)).toBe(undefined)
  })

  it('is exact for one value, whatever the quantile', () => {
    for (const q of QUANTILES) expect(sketchOf([123.456]).quantile(q)).toBe(123.456)
  })

  it.each([
    ['the numbers from 1 to 10,000', Array.from({ length: 10_000 }, (_, i) => i + 1)],
    ['two humps far apart', [...Array<number>(900).fill(10), ...Array<number>(100).fill(8_000)]],
    ['a long tail', Array.from({ length: 5_000 }, (_, i) => 20 / (1 - i / 5_000) ** 2)],
    ['halves of halves', Array.from({ length: 19 }, (_, i) => 2 ** -i * 100)],
  ])('is within its relative error for %s', (_name, values) => {
    expect(worstError(sketchOf(values), values)).toBeLessThanOrEqual(0.01 + ROUNDING)
  })

  it('is within its relative error for any values and any error that was asked for', () => {
    const value = fc.double({ min: 0.001, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.001, 0.01, 0.05, 0.5),
        (values, relativeError) => {
          expect(worstError(sketchOf(values, relativeError), values)).toBeLessThanOrEqual(relativeError + ROUNDING)
        },
      ),
    )
  })

  it('takes what is smaller than a thousandth for 0, and what is larger than a billion for a billion', () => {
    const small = sketchOf([0, 0.0005, 0.0009, 5])
    expect(small.quantile(0.5)).toBe(0)
    expect(small.quantile(1)).toBe(5)
    const large = sketchOf([1, 1e12, 1e15])
    expect(large.quantile(0.5)).toBeCloseTo(1e9, -8)
    expect(large.max).toBe(1e15)
  })

  it('leaves out what is no finite number from 0 on', () => {
    const sketch = sketchOf([NaN, -1, Infinity, -Infinity, 2])
    expect({ count: sketch.count, sum: sketch.sum, p50: sketch.quantile(0.5) }).toEqual({ count: 1, sum: 2, p50: 2 })
  })

  it('takes no more memory for more values, nor for values of any size', () => {
    const random = seededRandom(7)
    const sketch = createSketch()
    for (let i = 0; i < 100_000; i++) sketch.record(10 ** (random() * 40 - 20))
    expect(sketch.count).toBe(100_000)
    expect(sketch.snapshot().bins.length).toBeLessThanOrEqual(1_440)
    expect(sketchOf([80, 90, 100, 120]).snapshot().bins.length).toBeLessThanOrEqual(64)
  })
})

describe('merging sketches', () => {
  const values = fc.array(fc.oneof(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.constantFrom(0, 0.001, 1e9)), {
    maxLength: 100,
  })

  it('gives what one sketch of all values would', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const merged = sketchOf(a)
        merged.merge(sketchOf(b))
        merged.merge(sketchOf(c))
        const all = sketchOf([...a, ...b, ...c])
        expect(binsOf(merged)).toEqual(binsOf(all))
        expect([merged.count, merged.min, merged.max]).toEqual([all.count, all.min, all.max])
        expect(merged.sum).toBeCloseTo(all.sum, 3)
        for (const q of QUANTILES) expect(merged.quantile(q)).toBe(all.quantile(q))
      }),
    )
  })

  it('takes a snapshot that went through JSON for the sketch itself, and leaves it as it is (B30)', () => {
    fc.assert(
      fc.property(values, (given) => {
        const sketch = sketchOf(given)
        const snapshot = sketch.snapshot()
        const json = JSON.stringify(snapshot)
        sketch.record(42)
        const restored = createSketch()
        restored.merge(JSON.parse(json))
        restored.record(42)
        expect(JSON.stringify(snapshot)).toBe(json)
        expect(binsOf(restored)).toEqual(binsOf(sketch))
        expect(restored.quantile(0.9)).toBe(sketch.quantile(0.9))
      }),
    )
  })

  it('may merge a sketch with itself', () => {
    const sketch = sketchOf([1, 2, 3])
    sketch.merge(sketch)
    expect([sketch.count, sketch.sum, sketch.max]).toEqual([6, 12, 3])
  })

  it('adds the relative errors up where they are not the same', () => {
    const all = Array.from({ length: 1_000 }, (_, i) => i + 1)
    const merged = createSketch({ relativeError: 0.01 })
    merged.merge(sketchOf(all, 0.05))
    expect(worstError(merged, all)).toBeLessThanOrEqual(0.01 + 0.05 + 0.01 * 0.05)
  })
})

describe('what a sketch is asked for', () => {
  it.each([-0.1, 1.1, NaN])('refuses the quantile %s', (q) => {
    expect(() => sketchOf([1]).quantile(q)).toThrow(/quantile must be a number from 0 to 1/)
  })

  it.each([
    [{ relativeError: 0 }, 'sketch.relativeError must be a number from 0.001 to 0.5, but is 0'],
    [{ relativeError: 1 }, 'sketch.relativeError must be a number from 0.001 to 0.5, but is 1'],
    [{ bins: 5 }, /sketch\.bins is not an option/],
  ])('refuses the options %j', (options, message) => {
    expect(() => createSketch(options as SketchOptions)).toThrow(message)
  })
})
