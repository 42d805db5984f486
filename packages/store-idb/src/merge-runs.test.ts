/** Any neighbours merged at any time, at random: the log that is loaded afterwards is the one that was committed (M-2, S-5). A failure names its seed. */
import { channels, Model, randomBatch, records, seededRandom, tables } from '@skerry/contract'
import { type Batch, headAfter } from '@skerry/core'
import { expect, test } from 'vitest'
import { framesOf, outlineOf } from './batch-frames.ts'
import type { Loaded } from './bodies.ts'
import { entryIn, rowIn, valueIn } from './contents.ts'
import type { Frame } from './frame.ts'
import type { SealedFrame } from './frame-draft.ts'
import { readHead } from './frame-head.ts'
import { LogFrames } from './log-frames.ts'
import { mergedFrames } from './merge.ts'

class Disk {
  frames = new LogFrames()
  readonly heads = new Map<number, SealedFrame>()

  keep(sealed: readonly SealedFrame[]): void {
    for (const one of sealed) this.heads.set(one.number, one)
  }

  bodiesOf(frames: readonly Frame[]): Loaded {
    return new Map(frames.map((frame) => [frame, this.heads.get(frame.number)!.bytes]))
  }

  commit(batch: Batch): void {
    const { frames } = this
    const head = headAfter(outlineOf(batch), frames.index.head)
    const sealed = framesOf(batch).drafts.map((draft, at) =>
      draft.sealed(frames.nextNumber + at, frames.nextBody(), head),
    )
    for (const one of sealed) frames.add(readHead(one.number, one.head))
    this.keep(sealed)
  }

  reopen(): void {
    const again = new LogFrames()
    for (const [number, { head }] of [...this.heads].sort(([a], [b]) => a - b))
      again.add(readHead(number, head))
    this.frames = again
  }

  merge(from: number, to: number): void {
    const { frames } = this
    const run = frames.frames.slice(from, to)
    const heads = run.map(({ number }) => readHead(number, this.heads.get(number)!.head))
    const { drafts } = mergedFrames(heads, {
      index: frames.index,
      bodies: this.bodiesOf(heads.map(({ frame }) => frame)),
      isFirst: from === 0,
    })
    if (drafts.length > run.length) return
    const logHead = Math.max(...heads.map(({ batch }) => batch.head ?? 0))
    const sealed = drafts.map((draft, at) => draft.sealed(run[at]!.number, frames.nextBody(), logHead))
    for (const { number } of run) this.heads.delete(number)
    this.keep(sealed)
    frames.replace(
      run,
      sealed.map(({ number, head }) => readHead(number, head)),
    )
  }

  told() {
    const { index } = this.frames
    const bodies = this.bodiesOf(this.frames.frames)
    return {
      head: index.head,
      entries: [...index.entries.above(0)].map((one) => [entryIn(bodies, one), one.channels]),
      rows: records.map((record) => {
        const row = index.records.get(record)?.row
        return row && rowIn(bodies, row)
      }),
      marks: records.map((record) =>
        [...(index.records.get(record)?.marks.values() ?? [])].sort((a, b) => a.seq - b.seq),
      ),
      ofRecords: records.map((record) => (index.records.get(record)?.entries ?? []).map(({ seq }) => seq)),
      byChannel: channels.map((channel) => [
        [...(index.channels.get(channel)?.entries.above(0) ?? [])].map(({ seq }) => seq),
        [...(index.channels.get(channel)?.marks.above(0) ?? [])],
      ]),
      tables: tables.map((table) =>
        [...(index.pairs(table, undefined, undefined) ?? [])].map(([key, span]) => [
          key,
          valueIn(bodies, table, key, span),
        ]),
      ),
    }
  }

  get liveBytes(): number[] {
    return this.frames.frames.map(({ liveBytes }) => liveBytes)
  }
}

const SEED = Number(process.env.SKERRY_SEED ?? 1)
const SEEDS = 20
const STEPS = 50

test.each(Array.from({ length: SEEDS }, (_, more) => SEED + more))(
  'M-2 S-5: merged at random, it is what was committed (SKERRY_SEED=%i)',
  (seed) => {
    const random = seededRandom(seed)
    const model = new Model()
    const [disk, plain] = [new Disk(), new Disk()]
    for (let step = 0; step < STEPS; step++) {
      const drawn = randomBatch(random, model)
      model.apply(drawn)
      disk.commit(drawn)
      plain.commit(drawn)
      while (random.chance(0.4)) {
        const { length } = disk.frames.frames
        const from = random.below(length)
        disk.merge(from, from + 1 + random.below(length - from))
      }
      expect(disk.told(), `step ${step}`).toEqual(plain.told())
      if (random.chance(0.7)) continue
      const { liveBytes } = disk
      disk.reopen()
      expect(disk.told(), `opened again, step ${step}`).toEqual(plain.told())
      expect(disk.liveBytes).toEqual(liveBytes)
    }
  },
)
