import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

/** Every payload begins so, which no text inside a payload can: there, quotation marks are escaped. */
const PAYLOAD_START = '{"v":'
const CHECKSUM_DIGITS = 8
const LONGEST_LENGTH = 10
const NEWLINE = 10
const SPACE = 32

/** A line that is whole: where it stands, and what it says. */
export interface Frame {
  readonly offset: number
  /** With the newline. */
  readonly length: number
  readonly payload: unknown
}

/** Bytes that are no frame. */
export interface BadStretch {
  readonly offset: number
  readonly length: number
  /** The end of a file that has not even the end of a line: what a write leaves that a crash cut off. */
  readonly torn: boolean
}

/** CRC-32 (that of zlib and Ethernet), as eight hexadecimal digits. */
export function checksum(text: string | Uint8Array): string {
  return crc32(text).toString(16).padStart(CHECKSUM_DIGITS, '0')
}

/** One line: checksum and length of the payload, and the payload as JSON. @param json begins with `{"v":` */
export function frame(json: string): Buffer {
  const bytes = Buffer.from(json)
  return Buffer.concat([Buffer.from(`${checksum(bytes)} ${bytes.length} `), bytes, Buffer.from('\n')])
}

/** Finds every frame that is whole, and what lies between. After bytes that are none it goes on at the next one. */
export function scan(bytes: Buffer): { readonly frames: readonly Frame[]; readonly bad: readonly BadStretch[] } {
  const frames: Frame[] = []
  const bad: BadStretch[] = []
  const skip = (from: number, to: number): void => {
    if (from < to)
      bad.push({ offset: from, length: to - from, torn: to === bytes.length && !has(bytes, NEWLINE, from) })
  }
  let told = 0
  for (let at = 0; at >= 0 && at < bytes.length;) {
    const found = frameAt(bytes, at)
    if (found === undefined) {
      at = nextStart(bytes, at + 1)
    } else {
      skip(told, at)
      frames.push(found)
      told = found.offset + found.length
      at = told
    }
  }
  skip(told, bytes.length)
  return { frames, bad }
}

/** The frame that begins there, if one does. Its newline may be missing: then it is the last one, or what follows is damaged. */
export function frameAt(bytes: Buffer, offset: number): Frame | undefined {
  const lengthAt = offset + CHECKSUM_DIGITS + 1
  const payloadAt = bytes.indexOf(SPACE, lengthAt) + 1
  if (bytes[lengthAt - 1] !== SPACE || payloadAt === 0 || payloadAt > lengthAt + LONGEST_LENGTH + 1) return undefined
  const digits = bytes.toString('latin1', lengthAt, payloadAt - 1)
  const end = payloadAt + Number(digits)
  if (!/^[1-9]\d*$/.test(digits) || end > bytes.length) return undefined
  const payload = bytes.subarray(payloadAt, end)
  if (bytes.toString('latin1', offset, lengthAt - 1) !== checksum(payload)) return undefined
  const value = parse(payload)
  if (value === undefined) return undefined
  return { offset, length: end - offset + (bytes[end] === NEWLINE ? 1 : 0), payload: value }
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Where the next frame may begin, at `from` or later; -1 when none does. */
function nextStart(bytes: Buffer, from: number): number {
  for (let found = from - 1; ;) {
    found = bytes.indexOf(` ${PAYLOAD_START}`, found + 1)
    if (found < 0) return -1
    let lengthAt = found
    while (lengthAt > from && isDigit(bytes[lengthAt - 1])) lengthAt -= 1
    const start = lengthAt - 1 - CHECKSUM_DIGITS
    if (start >= from) return start
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

function has(bytes: Buffer, byte: number, from: number): boolean {
  return bytes.indexOf(byte, from) >= 0
}
