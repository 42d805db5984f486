/** Reading the log, one record, chosen entries; and what compaction, removal and forgetting leave of them. */
import type { LoggedEntry, Store } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { batch, bytesOf, enter, entry, leave, pageMax, put, row } from './batches.ts'
import { Bench, type Setup } from './bench.ts'
import { soundEntry } from './sound.ts'

const seqs = (entries: readonly { seq: number }[]) => entries.map(({ seq }) => seq)

/** As an entry is read: without the channels it was stored under. */
function asRead({ channels: _, ...read }: ReturnType<typeof entry>): LoggedEntry {
  return read
}

export function logReadTests(setup: Setup): void {
  describe('readLog', () => {
    it('gives entries as they were written, with kind, record, bytes and origin', async () => {
      const store = await (await Bench.make(setup)).opened()
      const heard = {
        ...entry(2, '@streams/pump 7'),
        kind: 'segment' as const,
        origin: { run: 'ab'.repeat(16), seq: 41 },
      }
      await store.commit(batch({ entries: [entry(1, 'job/1', ['north']), heard] }))
      expect(await store.readLog(0, pageMax)).toEqual([asRead(entry(1, 'job/1')), asRead(heard)])
    })

    it('gives every kind of entry back as the same kind', async () => {
      const store = await (await Bench.make(setup)).opened()
      const kinds = ['changes', 'snapshot', 'segment', 'receipt', 'tombstone', 'blob'] as const
      await store.commit(batch({ entries: kinds.map((kind, at) => ({ ...entry(at + 1, 'job/1'), kind })) }))
      expect((await store.readLog(0, pageMax)).map((read) => soundEntry(read).kind)).toEqual(kinds)
    })

    it('starts above the position, and tells no marks', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({ entries: [entry(1, 'job/1'), entry(3, 'job/1')], marks: [enter(2, 'north', 'job/1')] }),
      )
      expect(seqs(await store.readLog(1, pageMax))).toEqual([3])
      expect(await store.readLog(3, pageMax)).toEqual([])
    })

    it('stops at the limit of entries and at the limit of bytes, but gives at least one', async () => {
      const store = await (await Bench.make(setup)).opened()
      const entries = [1, 2, 3, 4].map((seq) => entry(seq, 'job/1', [], 'ten bytes!'))
      await store.commit(batch({ entries }))
      expect(seqs(await store.readLog(0, { entries: 3, bytes: 1000 }))).toEqual([1, 2, 3])
      expect(seqs(await store.readLog(0, { entries: 3, bytes: 20 }))).toEqual([1, 2])
      expect(seqs(await store.readLog(0, { entries: 3, bytes: 29 }))).toEqual([1, 2])
      expect(seqs(await store.readLog(2, { entries: 3, bytes: 1 }))).toEqual([3])
    })

    it('carries an empty entry and one of a megabyte', async () => {
      const store = await (await Bench.make(setup)).opened()
      const large = { ...entry(2, 'job/1'), bytes: new Uint8Array(2 ** 20).fill(7) }
      await store.commit(batch({ entries: [entry(1, 'job/1', [], ''), large] }))
      expect((await store.readLog(0, pageMax)).map((read) => soundEntry(read).bytes.length)).toEqual([
        0,
        2 ** 20,
      ])
    })
  })

  describe('readRecord, readEntries and readMarks', () => {
    it('readRecord gives all entries of one record, oldest first, and none of an unknown one', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ entries: [entry(1, 'job/1'), entry(2, 'job/2'), entry(3, 'job/1')] }))
      await store.commit(batch({ entries: [entry(4, 'job/1')] }))
      expect(await store.readRecord('job/1')).toEqual([1, 3, 4].map((seq) => asRead(entry(seq, 'job/1'))))
      expect(await store.readRecord('job/unknown')).toEqual([])
    })

    it('readEntries gives those that exist, ascending, each once', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ entries: [1, 2, 4].map((seq) => entry(seq, 'job/1')) }))
      expect(seqs(await store.readEntries([4, 3, 1, 4, 99]))).toEqual([1, 4])
      expect(await store.readEntries([])).toEqual([])
    })

    it('readMarks gives the newest mark of each channel', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ marks: [enter(1, 'north', 'job/1'), enter(2, 'south', 'job/1')] }))
      await store.commit(batch({ marks: [leave(3, 'north', 'job/1'), enter(4, 'north', 'job/2')] }))
      const marks = await store.readMarks('job/1')
      expect(marks.sort((left, right) => left.seq - right.seq)).toEqual([
        enter(2, 'south', 'job/1'),
        leave(3, 'north', 'job/1'),
      ])
      expect(await store.readMarks('job/unknown')).toEqual([])
    })

    it('keeps the newest of two marks of one pair in one batch, in whatever order they come', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ marks: [leave(2, 'north', 'job/1'), enter(1, 'north', 'job/1')] }))
      expect(await store.readMarks('job/1')).toEqual([leave(2, 'north', 'job/1')])
    })
  })

  shrinkingTests(setup)
}

function shrinkingTests(setup: Setup): void {
  const written = batch({
    entries: [
      entry(1, 'job/1', ['north']),
      entry(3, 'job/1', ['north']),
      entry(4, 'job/2', ['north']),
      entry(5, 'job/1', ['north']),
    ],
    marks: [enter(2, 'north', 'job/1')],
    records: [row('job/1', [['state', 'open']]), row('job/2')],
    tables: [put('t', 'job/1', 'stays')],
  })
  const filled = async () => {
    const store = await (await Bench.make(setup)).opened()
    await store.commit(written)
    return store
  }

  describe('replaced', () => {
    it('takes the place of the entry of its record at its sequence, and of no other', async () => {
      const store = await filled()
      const signed = [entry(1, 'job/1', ['north'], 'signed'), entry(3, 'job/1', ['north'], 'signed too')]
      await store.commit(batch({ replaced: signed }))
      expect(seqs(await store.readRecord('job/1'))).toEqual([1, 3, 5])
      expect(seqs(await store.readLog(0, pageMax))).toEqual([1, 3, 4, 5])
      expect(await store.readEntries([1, 3])).toEqual(signed.map(asRead))
      expect((await store.size()).entries).toBe(4)
    })

    it('stands alone where the entries below it are removed in the same batch: a snapshot, also after a crash', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      await store.commit(written)
      const snapshot = { ...entry(5, 'job/1', ['north'], 'snapshot'), kind: 'snapshot' as const }
      await store.commit(batch({ removed: [1, 3], replaced: [snapshot] }))
      const check = async (one: Store) => {
        expect(await one.readRecord('job/1')).toEqual([asRead(snapshot)])
        expect(seqs(await one.readLog(0, pageMax))).toEqual([4, 5])
        expect((await one.size()).entries).toBe(2)
      }
      await check(store)
      await check(await bench.crashed())
    })

    it('leaves everything as it was when the batch with the snapshot fails: the old set is complete', async () => {
      const store = await filled()
      const before = await store.readRecord('job/1')
      const snapshot = { ...entry(5, 'job/1', ['north'], 'snapshot'), kind: 'snapshot' as const }
      const missing = entry(99, 'job/1')
      await expect(store.commit(batch({ removed: [1, 3], replaced: [snapshot, missing] }))).rejects.toThrow(
        RangeError,
      )
      // Replacing what the same batch removes is a mistake too.
      await expect(store.commit(batch({ removed: [1, 3, 5], replaced: [snapshot] }))).rejects.toThrow(
        RangeError,
      )
      expect(await store.readRecord('job/1')).toEqual(before)
    })

    it('is told by the channel index under its own sequence and channels', async () => {
      const store = await filled()
      await store.commit(
        batch({
          removed: [1, 3],
          replaced: [entry(5, 'job/1', ['south'], 'snapshot')],
          marks: [enter(6, 'south', 'job/2')],
        }),
      )
      const told = await store.readChannels(new Map([['north', 2]]), pageMax)
      expect(told.items.filter(({ kind }) => kind === 'entry')).toEqual([])
      await store.commit(batch({ replaced: [entry(5, 'job/1', ['north'], 'again')] }))
      const again = await store.readChannels(new Map([['north', 2]]), pageMax)
      expect(again.items).toEqual([{ kind: 'entry', seq: 5, entry: asRead(entry(5, 'job/1', [], 'again')) }])
    })

    it('may replace an entry of the same batch, and marks survive it', async () => {
      const store = await filled()
      await store.commit(
        batch({ entries: [entry(6, 'job/1')], replaced: [entry(6, 'job/1', ['north'], 'all')] }),
      )
      expect(seqs(await store.readRecord('job/1'))).toEqual([1, 3, 5, 6])
      expect((await store.readRecord('job/1')).at(-1)).toEqual(asRead(entry(6, 'job/1', [], 'all')))
      expect(await store.readMarks('job/1')).toEqual([enter(2, 'north', 'job/1')])
    })

    it('is refused where its record has no entry', async () => {
      const store = await filled()
      for (const seq of [2, 4, 99]) {
        await expect(store.commit(batch({ replaced: [entry(seq, 'job/1')] }))).rejects.toThrow(
          /no entry to replace/,
        )
      }
      expect((await store.size()).entries).toBe(4)
    })
  })

  describe('removed', () => {
    it('takes entries out of the log, the record and the channel index; unknown ones are ignored', async () => {
      const store = await filled()
      await store.commit(batch({ removed: [3, 77] }))
      expect(seqs(await store.readLog(0, pageMax))).toEqual([1, 4, 5])
      expect(seqs(await store.readRecord('job/1'))).toEqual([1, 5])
      const told = await store.readChannels(new Map([['north', 2]]), pageMax)
      expect(seqs(told.items)).toEqual([5])
    })

    it('is applied before entries: the same edit may come back at a new sequence in the same batch', async () => {
      const store = await filled()
      await store.commit(batch({ removed: [5], entries: [entry(6, 'job/1', ['north'], 'entry 5')] }))
      expect(seqs(await store.readRecord('job/1'))).toEqual([1, 3, 6])
    })
  })

  describe('forgotten', () => {
    const traces = async (store: Store) => ({
      log: seqs(await store.readLog(0, pageMax)),
      record: await store.readRecord('job/1'),
      marks: await store.readMarks('job/1'),
      rows: await store.rows(['job/1']),
      found: await store.findRows('job', [['state', 'open']]),
      scanned: (await store.scanRows('job', '', 10)).map(({ record }) => record),
      told: (await store.readChannels(new Map([['north', 0]]), pageMax)).items,
    })

    it('removes entries, channel index, marks and row of a record, and nothing else', async () => {
      const store = await filled()
      await store.commit(batch({ forgotten: ['job/1', 'job/unknown'] }))
      expect(await traces(store)).toEqual({
        log: [4],
        record: [],
        marks: [],
        rows: [undefined],
        found: [],
        scanned: ['job/2'],
        told: [],
      })
      expect(await store.get('t', 'job/1')).toEqual(bytesOf('stays'))
      expect({ ...(await store.size()), bytes: 0 }).toEqual({ entries: 1, records: 1, bytes: 0 })
    })

    it('is applied before the rest of the batch', async () => {
      const store = await filled()
      await store.commit(
        batch({
          forgotten: ['job/1'],
          entries: [entry(6, 'job/1', ['north'])],
          marks: [enter(7, 'north', 'job/1')],
          records: [row('job/1')],
        }),
      )
      const after = await traces(store)
      expect([after.log, seqs(after.record), seqs(after.told)]).toEqual([[4, 6], [6], [7]])
      expect(after.rows).toEqual([row('job/1')])
      expect(after.found).toEqual([])
    })
  })
}
