/** Frames as they are written and read back, and which of them are merged into what. */
import { emptyBatch, type NewEntry, type RecordRow } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { framesOf } from './batch-frames.ts'
import type { Loaded } from './bodies.ts'
import { entryIn, rowIn, valueIn } from './contents.ts'
import { FRAME_BYTES, type Frame } from './frame.ts'
import type { FrameDrafts, SealedFrame } from './frame-draft.ts'
import { isSound, type ReadHead, readHead } from './frame-head.ts'
import { LogFrames } from './log-frames.ts'
import { dueRun, LOOSE_FRAMES_MAX, mergedFrames } from './merge.ts'

function entry(seq: number, record: string, bytes = 20): NewEntry {
  return {
    seq,
    kind: 'changes',
    record,
    bytes: new Uint8Array(bytes).fill(seq),
    channels: ['north', 'south'],
  }
}

function row(record: string, view?: string): RecordRow {
  const bare = { record, collection: 'job', frontier: new Uint8Array(9).fill(7) }
  const indexed = [
    ['text', 'a'],
    ['number', -1.5],
    ['null', null],
    ['flag', true],
    ['odd', 'null'],
    ['nan', Number.NaN],
  ] as const
  return view === undefined ? { ...bare, indexed } : { ...bare, indexed, view }
}

/** Frames in an order of their own, with what would lie in the database. */
class Written {
  readonly frames = new LogFrames()
  readonly sealed = new Map<Frame, SealedFrame>()

  put(drafts: FrameDrafts, head: number): SealedFrame[] {
    return drafts.drafts.map((draft) => {
      const sealed = draft.sealed(this.frames.nextNumber, this.frames.nextBody(), head)
      const read = readHead(sealed.number, sealed.head)
      this.frames.add(read)
      this.sealed.set(read.frame, sealed)
      return sealed
    })
  }

  get bodies(): Loaded {
    return new Map([...this.sealed].map(([frame, { bytes }]) => [frame, bytes]))
  }

  /** Heads as a merge reads them: frames of their own. */
  headsOf(run: readonly Frame[]): { heads: ReadHead[]; bodies: Loaded } {
    const heads = run.map((frame) => readHead(frame.number, this.sealed.get(frame)!.head))
    return { heads, bodies: new Map(heads.map(({ frame }, at) => [frame, this.sealed.get(run[at]!)!.bytes])) }
  }
}

describe('S-2 S-3', () => {
  it('a batch is read back as it was', () => {
    const written = new Written()
    const origin = { run: '0'.repeat(32), seq: 7 }
    const batch = {
      ...emptyBatch,
      entries: [{ ...entry(1, 'job/1'), origin }, entry(2, 'job/\ud800')],
      marks: [{ seq: 3, channel: 'north', record: 'job/1', kind: 'enter' as const }],
      records: [row('job/1', '{"a":"ä\u{1f6e0}"}'), row('job/2')],
      tables: [{ table: 't', key: 'k', value: new Uint8Array() }],
    }
    written.put(framesOf(batch), 3)
    const { index } = written.frames
    const { channels: _, ...first } = batch.entries[0]!
    expect(entryIn(written.bodies, index.entryAt.get(1)!)).toEqual(first)
    expect(index.entryAt.get(2)).toMatchObject({ record: 'job/\ud800', channels: ['north', 'south'] })
    expect(index.records.get('job/1')?.marks.get('north')).toEqual(batch.marks[0])
    expect(
      [...index.rowsByCollection.get('job')!.above('')].map(([, each]) => rowIn(written.bodies, each)),
    ).toEqual(batch.records)
    expect(valueIn(written.bodies, 't', 'k', index.tables.get('t')!.get('k')!)).toEqual(new Uint8Array())
    expect(index.head).toBe(3)
  })

  it('a head with any bit flipped is not sound', () => {
    const [sealed] = new Written().put(framesOf({ ...emptyBatch, entries: [entry(1, 'job/1')] }), 1)
    const { head } = sealed!
    expect(isSound(head)).toBe(true)
    for (let bit = 0; bit < 8 * head.length; bit += 1) {
      const flipped = head.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(isSound(flipped)).toBe(false)
    }
    for (const other of [undefined, 'text', new Uint8Array(4)]) expect(isSound(other)).toBe(false)
  })

  it('S-4: a batch fills frames up to their limit, and one large thing has a frame of its own', () => {
    const sizes = (...bytes: number[]) =>
      new Written()
        .put(
          framesOf({ ...emptyBatch, entries: bytes.map((length, at) => entry(at + 1, 'job/1', length)) }),
          9,
        )
        .map((sealed) => sealed.bytes.length)
    expect(sizes(FRAME_BYTES / 2, FRAME_BYTES / 2 - 200)).toEqual([FRAME_BYTES - 200])
    expect(sizes(FRAME_BYTES / 2, FRAME_BYTES / 2)).toEqual([FRAME_BYTES / 2, FRAME_BYTES / 2])
    expect(sizes(1, 10 * FRAME_BYTES, 1)).toEqual([1, 10 * FRAME_BYTES, 1])
  })
})

describe('M-1', () => {
  let number = 0
  const frame = (liveBytes: number, dead = 0, more: Partial<Frame> = {}): Frame => {
    number += 1
    return {
      number,
      body: number,
      bodyBytes: liveBytes + dead,
      headBytes: 100,
      liveBytes,
      isGone: false,
      isFixed: false,
      ...more,
    }
  }
  const many = (count: number, of: () => Frame) => Array.from({ length: count }, of)
  const small = () => frame(10)
  const full = () => frame(FRAME_BYTES)

  it('neighbours are merged when they are more than LOOSE_FRAMES_MAX', () => {
    expect(dueRun(many(LOOSE_FRAMES_MAX, small))).toBeUndefined()
    expect(dueRun(many(LOOSE_FRAMES_MAX + 1, small))).toHaveLength(LOOSE_FRAMES_MAX + 1)
    expect(dueRun([...many(20, small), full(), ...many(20, small)])).toBeUndefined()
    const run = dueRun([...many(20, small), full(), ...many(40, small), full()])
    expect(run).toHaveLength(40)
    expect(dueRun(many(200, small))).toHaveLength(64)
    expect(dueRun(many(60, () => frame(10, 0, { isFixed: true })))).toBeUndefined()
  })

  it('so is a frame of which as much is dead as is live, if that is half a frame', () => {
    const half = FRAME_BYTES / 2
    expect(dueRun([full(), frame(half - 200, half - 1), full()])).toBeUndefined()
    expect(dueRun([full(), frame(half - 200, half), full()])).toHaveLength(1)
    expect(dueRun([full(), frame(half, half), full()])).toBeUndefined()
  })
})

describe('M-2', () => {
  /** Record 1 comes, is forgotten, and comes again; a key is written, taken away; an entry is removed. */
  function history(): Written {
    const written = new Written()
    const value = new Uint8Array(3)
    const batches = [
      {
        entries: [entry(1, 'job/1'), entry(2, 'job/2')],
        records: [row('job/1', '1')],
        tables: [{ table: 't', key: 'k', value }],
      },
      {
        entries: [entry(3, 'job/2')],
        marks: [{ seq: 4, channel: 'north', record: 'job/1', kind: 'enter' as const }],
      },
      { forgotten: ['job/1'], removed: [2], tables: [{ table: 't', key: 'k' }] },
      { entries: [entry(5, 'job/1')], replaced: [entry(3, 'job/2', 5)] },
    ]
    for (const [at, batch] of batches.entries()) written.put(framesOf({ ...emptyBatch, ...batch }), at + 2)
    return written
  }

  const told = ({ index }: LogFrames) => ({
    entries: [...index.entries.above(0)].map(({ seq, bytes }) => [seq, bytes.length]),
    marks: [...(index.records.get('job/1')?.marks.keys() ?? [])],
    row: index.records.get('job/1')?.row?.record,
    value: index.tables.get('t')?.get('k')?.length,
    head: index.head,
  })
  const expected = {
    entries: [
      [3, 5],
      [5, 20],
    ],
    marks: [],
    row: undefined,
    value: undefined,
    head: 5,
  }

  for (const [from, to] of [
    [0, 4],
    [0, 3],
    [1, 4],
    [2, 4],
    [1, 3],
    [2, 3],
  ] as const)
    it(`frames ${from + 1} to ${to}, merged, are loaded as they were`, () => {
      const written = history()
      const { frames } = written.frames
      expect(told(written.frames)).toEqual(expected)
      const { heads, bodies } = written.headsOf(frames.slice(from, to))
      const drafts = mergedFrames(heads, { index: written.frames.index, bodies, isFirst: from === 0 })
      const logHead = Math.max(...heads.map(({ batch }) => batch.head ?? 0))
      expect(drafts.drafts).toHaveLength(1)
      const merged = drafts.drafts[0]!.sealed(frames[from]!.number, 99, logHead)
      const again = new LogFrames()
      for (const frame of frames.slice(0, from))
        again.add(readHead(frame.number, written.sealed.get(frame)!.head))
      again.add(readHead(merged.number, merged.head))
      for (const frame of frames.slice(to)) again.add(readHead(frame.number, written.sealed.get(frame)!.head))
      expect(told(again)).toEqual(expected)
      const body = from === 0 && to === 4 ? 25 : undefined
      if (body !== undefined) expect([merged.bytes.length, again.frames[0]?.liveBytes]).toEqual([body, body])
    })

  it('what is dead is counted once, however often it is killed', () => {
    const { frames } = history().frames
    expect(frames.map(({ bodyBytes, liveBytes }) => [bodyBytes > 0, liveBytes])).toEqual([
      [true, 0],
      [true, 0],
      [false, 0],
      [true, 25],
    ])
  })
})
