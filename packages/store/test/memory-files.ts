import { dirname, join } from 'node:path'
import type { Random } from '@holdfast/core'
import type { Files, OpenFile } from '../src/files/files.ts'

type Step =
  'create' | 'open' | 'read' | 'write' | 'sync' | 'truncate' | 'rename' | 'remove' | 'keepAs' | 'syncDirectory'

/** A disk that a test can break: what is written, what is synced and what has a name are three things, as on a real one. */
export interface MemoryFiles extends Files {
  /** What was done so far: a byte written costs one, and so does every other step that changes something. */
  readonly spent: number
  /** How often a file was synced. */
  readonly syncs: number
  /** From the next such step on, `times` of them fail with that code. A sync that fails loses what it should have kept, as on Linux. */
  fail(step: Step, code: string, times?: number): void
  /** Everything fails once `cost` is spent; a write may stop in its middle. */
  crashAt(cost: number): void
  /** The disk cannot read these bytes of the file. */
  failReadsAt(name: string, position: number, length: number): void
  /** Each write takes at most this many bytes. */
  limitWrites(bytes: number): void
  /** The disk as the next process finds it when this one is killed: all that was written is there. */
  afterKill(): MemoryFiles
  /** The disk after a power loss: of what was not synced any part may be there, or zeros in its place. */
  afterPowerLoss(random: Random): MemoryFiles
  names(): readonly string[]
  text(name: string): string
  /** Changes a file behind the journal's back. */
  change(name: string, how: (content: Buffer) => Buffer): void
}

interface Inode {
  content: Buffer
  durable: Buffer
  /** Written, said to have failed, and never tried again. */
  lost: { readonly from: number; readonly to: number }[]
  unreadable?: { readonly from: number; readonly to: number }
}

type NameChange = (names: Map<string, Inode>) => void

interface Disk {
  readonly names: Map<string, Inode>
  readonly durableNames: Map<string, Inode>
  readonly changes: NameChange[]
}

export const DIRECTORY = '/journal'

export function memoryFiles(disk: Disk = { names: new Map(), durableNames: new Map(), changes: [] }): MemoryFiles {
  const { names, durableNames, changes } = disk
  const failures = new Map<Step, { code: string; times: number }>()
  const locks = new Set<string>()
  let spent = 0
  let syncs = 0
  let limit = Infinity
  let longestWrite = Infinity

  const error = (code: string): Error => Object.assign(new Error(code), { code })
  const step = (kind: Step, cost: number): void => {
    if (spent >= limit) throw error('ECRASHED')
    spent += cost
    const failure = failures.get(kind)
    if (failure === undefined || failure.times <= 0) return
    failure.times -= 1
    throw error(failure.code)
  }
  const find = (path: string): Inode => {
    const inode = names.get(path)
    if (inode === undefined) throw error('ENOENT')
    return inode
  }
  const change = (how: NameChange): void => {
    how(names)
    changes.push(how)
  }

  const openFile = (inode: Inode): OpenFile => ({
    size: async () => inode.content.length,
    async read(into, position) {
      step('read', 0)
      const { from, to } = inode.unreadable ?? { from: 0, to: 0 }
      if (position < to && position + into.length > from) throw error('EIO')
      return inode.content.copy(into, 0, position)
    },
    async write(bytes, position) {
      step('write', 0)
      const whole = Math.min(bytes.length, longestWrite)
      const length = Math.min(whole, limit - spent)
      spent += length
      const content = Buffer.alloc(Math.max(inode.content.length, position + length))
      inode.content.copy(content)
      content.set(bytes.subarray(0, length), position)
      inode.content = content
      inode.lost = inode.lost.filter(({ from, to }) => to <= position || from >= position + length)
      if (length < whole) throw error('ECRASHED')
      return length
    },
    async truncate(length) {
      step('truncate', 1)
      inode.content = inode.content.subarray(0, length)
    },
    async sync() {
      syncs += 1
      try {
        step('sync', 1)
      } catch (failure) {
        const { length: to } = inode.content
        if (spent < limit) inode.lost.push({ from: Math.min(inode.durable.length, to), to })
        throw failure
      }
      inode.durable = Buffer.from(inode.content)
      for (const { from, to } of inode.lost) inode.durable.fill(0, from, to)
    },
    hasName: async () => [...names.values()].includes(inode),
    close: async () => undefined,
  })

  return {
    get spent() {
      return spent
    },
    get syncs() {
      return syncs
    },
    fail: (kind, code, times = 1) => void failures.set(kind, { code, times }),
    crashAt: (cost) => void (limit = cost),
    failReadsAt: (name, position, length) =>
      void (find(join(DIRECTORY, name)).unreadable = { from: position, to: position + length }),
    limitWrites: (bytes) => void (longestWrite = bytes),
    makeDirectory: async () => undefined,
    list: async (path) =>
      [...names.keys()].flatMap((name) => (dirname(name) === path ? name.slice(path.length + 1) : [])),
    async create(path) {
      step('create', 1)
      const existing = names.get(path)
      if (existing !== undefined) {
        existing.content = Buffer.alloc(0)
        return openFile(existing)
      }
      const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0), lost: [] }
      change((all) => void all.set(path, inode))
      return openFile(inode)
    },
    async open(path) {
      step('open', 0)
      return openFile(find(path))
    },
    async keepAs(path, other) {
      step('keepAs', 1)
      const inode = find(path)
      change((all) => void all.set(other, inode))
    },
    async rename(from, to) {
      step('rename', 1)
      const inode = find(from)
      change((all) => {
        all.set(to, inode)
        all.delete(from)
      })
    },
    async remove(path) {
      step('remove', 1)
      find(path)
      change((all) => void all.delete(path))
    },
    async syncDirectory() {
      step('syncDirectory', 1)
      for (const how of changes.splice(0)) how(durableNames)
    },
    async lock(path) {
      if (locks.has(path)) return undefined
      locks.add(path)
      return () => void locks.delete(path)
    },
    afterKill: () => copyOf(disk, (inode) => inode),
    afterPowerLoss(random) {
      for (const how of changes) if (random() < 0.5) how(durableNames)
      return copyOf({ names: durableNames, durableNames, changes: [] }, (inode) => ({
        content: survivorOf(inode, random),
        durable: inode.durable,
        lost: [],
      }))
    },
    names: () => [...names.keys()].map((name) => name.slice(DIRECTORY.length + 1)).toSorted(),
    text: (name) => find(join(DIRECTORY, name)).content.toString(),
    change(name, how) {
      const inode = find(join(DIRECTORY, name))
      inode.content = how(Buffer.from(inode.content))
      inode.durable = inode.content
    },
  }
}

/** A disk of its own, on which one file with two names is still one. */
function copyOf(disk: Disk, left: (inode: Inode) => Inode): MemoryFiles {
  const copies = new Map<Inode, Inode>()
  const copy = (inode: Inode): Inode => {
    const known = copies.get(inode)
    if (known !== undefined) return known
    const { content, durable, lost } = left(inode)
    const made = { content: Buffer.from(content), durable: Buffer.from(durable), lost: [...lost] }
    copies.set(inode, made)
    return made
  }
  const of = (names: Map<string, Inode>): Map<string, Inode> =>
    new Map([...names].map(([name, inode]) => [name, copy(inode)] as const))
  const names = of(disk.names)
  const durableNames = of(disk.durableNames)
  // What was not synced stays so; as one step, which is enough for whoever looks after a kill.
  const missing: NameChange = (all) => {
    all.clear()
    for (const [name, inode] of names) all.set(name, inode)
  }
  return memoryFiles({ names, durableNames, changes: disk.changes.length > 0 ? [missing] : [] })
}

function survivorOf({ content, durable, lost }: Inode, random: Random): Buffer {
  const kept = Math.min(durable.length, content.length)
  if (random() < 0.3 || !content.subarray(0, kept).equals(durable.subarray(0, kept))) return durable
  const length = kept + Math.floor(random() * (content.length - kept + 1))
  const survivor = Buffer.from(content.subarray(0, length))
  for (const { from, to } of lost) survivor.fill(0, Math.min(from, length), Math.min(to, length))
  for (let at = kept; at < length; at += 16) if (random() < 0.2) survivor.fill(0, at, Math.min(at + 16, length))
  return survivor
}
