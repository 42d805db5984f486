/** The guarantees of the port that have names, one by one. */
import type { Store, StoreErrorCode } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { batch, bytesOf, enter, entry, pageMax, put, row, runId } from './batches.ts'
import { Bench, type Setup } from './bench.ts'

/** What a store knows of the batch that these tests commit. */
async function contents(store: Store) {
  return {
    log: await store.readLog(0, pageMax),
    marks: await store.readMarks('job/1'),
    rows: await store.rows(['job/1']),
    found: await store.findRows('job', [['state', 'open']]),
    told: await store.readChannels(new Map([['north', 0]]), pageMax),
    value: await store.get('cursors', 'a'),
    size: { ...(await store.size()), bytes: 0 },
  }
}

const whole = batch({
  entries: [entry(1, 'job/1', ['north'])],
  marks: [enter(2, 'north', 'job/1')],
  records: [row('job/1', [['state', 'open']])],
  tables: [put('cursors', 'a', '7')],
})

function refuses(code: StoreErrorCode) {
  return expect.objectContaining({ name: 'StoreError', code })
}

export function guaranteeTests(setup: Setup): void {
  describe('ATOMIC', () => {
    it('shows every part of a committed batch', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(whole)
      const { log, marks, rows, found, told, value } = await contents(store)
      expect([log.length, marks.length, rows.length, found.length, told.items.length]).toEqual([
        1, 1, 1, 1, 1,
      ])
      expect(value).toEqual(bytesOf('7'))
    })

    it('leaves no trace of a batch whose last part breaks a rule', async () => {
      const store = await (await Bench.make(setup)).opened()
      const before = await contents(store)
      const missing = entry(9, 'job/1')
      await expect(store.commit({ ...whole, replaced: [missing] })).rejects.toThrow(RangeError)
      expect(await contents(store)).toEqual(before)
    })
  })

  describe('ATOMIC, names', () => {
    it('forgets the channels and tables that a refused batch named first', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      await expect(store.commit({ ...whole, replaced: [entry(9, 'job/1')] })).rejects.toThrow(RangeError)
      const other = put('table of another name', 'a', 'other')
      await store.commit(batch({ marks: [enter(1, 'channel of another name', 'job/2')], tables: [other] }))
      const shifted = {
        ...whole,
        entries: [entry(2, 'job/1', ['north'])],
        marks: [enter(3, 'north', 'job/1')],
      }
      await store.commit(shifted)
      const before = await contents(store)
      await store.close()
      const reopened = await bench.opened()
      expect(await contents(reopened)).toEqual(before)
      expect([before.told.items.length, before.value, before.found.length]).toEqual([1, bytesOf('7'), 1])
      expect(await reopened.get('table of another name', 'a')).toEqual(bytesOf('other'))
    })
  })

  describe('the head', () => {
    it('is where a batch says, above what it holds: readers are told so, later batches stand above it, and it lasts', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      const upTo = async (of: Store) => (await of.readChannels(new Map([['north', 0]]), pageMax)).upTo
      await store.commit({ ...whole, head: 5 })
      expect(await upTo(store)).toBe(5)
      await expect(store.commit(batch({ entries: [entry(5, 'job/1')] }))).rejects.toThrow(RangeError)
      await store.commit(batch({ entries: [], head: 7 }))
      expect(await upTo(await bench.crashed())).toBe(7)
    })

    it('is never below what is there already, or comes with the batch', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(whole)
      await expect(store.commit(batch({ head: 1 }))).rejects.toThrow(/head 1 must not be below/)
      const above = batch({ entries: [entry(3, 'job/1')], marks: [enter(4, 'north', 'job/1')], head: 3 })
      await expect(store.commit(above)).rejects.toThrow(/head 3 must not be below/)
    })
  })

  describe('DURABLE', () => {
    it('has after a crash what commit had resolved', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      await store.commit(whole)
      const before = await contents(store)
      expect(await contents(await bench.crashed())).toEqual(before)
    })

    it('has after close and open what it had before', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      await store.commit(whole)
      const before = await contents(store)
      await store.close()
      expect(await contents(await bench.opened())).toEqual(before)
    })
  })

  describe('ORDERED', () => {
    it('applies commits in the order they were handed over, also when nobody waits between them', async () => {
      const store = await (await Bench.make(setup)).opened()
      const commits = [1, 2, 3, 4, 5].map((seq) =>
        store.commit(batch({ entries: [entry(seq, 'job/1')], tables: [put('t', 'newest', `${seq}`)] })),
      )
      await Promise.all(commits)
      expect((await store.readLog(0, pageMax)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
      expect(await store.get('t', 'newest')).toEqual(bytesOf('5'))
    })

    it('refuses an entry that does not stand above the head, and one that does not ascend', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ entries: [entry(1, 'job/1')], marks: [enter(2, 'north', 'job/1')] }))
      await expect(store.commit(batch({ entries: [entry(2, 'job/1')] }))).rejects.toThrow(/above 2/)
      const falling = [entry(4, 'job/1'), entry(3, 'job/1')]
      await expect(store.commit(batch({ entries: falling }))).rejects.toThrow(/above 4/)
      await expect(store.commit(batch({ marks: [enter(2, 'south', 'job/1')] }))).rejects.toThrow(
        /above the head 2/,
      )
      await store.commit(batch({ entries: [entry(3, 'job/1')] }))
    })
  })

  describe('OWNED', () => {
    it('refuses a second open while the first lasts, and allows one after close', async () => {
      const bench = await Bench.make(setup)
      const first = await bench.opened()
      const second = bench.unopened()
      await expect(second.open(bench.nextRun())).rejects.toEqual(refuses('locked'))
      await first.commit(whole)
      await first.close()
      await second.open(bench.nextRun())
      expect(await second.readLog(0, pageMax)).toHaveLength(1)
    })

    it('refuses every call before open and after close with code closed', async () => {
      const bench = await Bench.make(setup)
      const store = bench.unopened()
      await expect(store.readLog(0, pageMax)).rejects.toEqual(refuses('closed'))
      await store.open(bench.nextRun())
      await store.close()
      await expect(store.commit(whole)).rejects.toEqual(refuses('closed'))
      await expect(store.get('t', 'k')).rejects.toEqual(refuses('closed'))
      await expect(store.readChannels(new Map(), pageMax)).rejects.toEqual(refuses('closed'))
    })

    it('close is idempotent and waits for a commit under way', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      const commit = store.commit(whole)
      await store.close()
      await store.close()
      await commit
      expect(await (await bench.opened()).readLog(0, pageMax)).toHaveLength(1)
    })
  })

  describe('HONEST', () => {
    it('goes on after a refused batch', async () => {
      const store = await (await Bench.make(setup)).opened()
      const misnamed = { ...row('job/1'), collection: 'customer' }
      await expect(store.commit(batch({ records: [misnamed] }))).rejects.toThrow(/named collection\/id/)
      await store.commit(whole)
      expect((await contents(store)).log).toHaveLength(1)
    })
  })

  runTests(setup)
}

function runTests(setup: Setup): void {
  describe('RUN', () => {
    it('gives a new log 32 hex digits, the run it was opened with and head 0', async () => {
      const store = (await Bench.make(setup)).unopened()
      const identity = await store.open(runId(7))
      expect(identity).toEqual({
        log: expect.stringMatching(/^[0-9a-f]{32}$/),
        runs: [{ run: runId(7), first: 1 }],
        head: 0,
      })
    })

    it('keeps the log id, and has a row of each run that committed, also after a crash; each starts above the head', async () => {
      const bench = await Bench.make(setup)
      const first = bench.unopened()
      const { log } = await first.open(runId(7))
      await first.commit(whole)
      await first.close()
      const second = bench.unopened()
      await second.open(runId(8))
      await second.commit(batch({ entries: [entry(3, 'job/2')] }))
      await bench.under.crash()
      const identity = await bench.unopened().open(runId(9))
      expect(identity).toEqual({
        log,
        runs: [
          { run: runId(7), first: 1 },
          { run: runId(8), first: 3 },
          { run: runId(9), first: 4 },
        ],
        head: 3,
      })
    })

    it('may forget a run that committed nothing before a crash, and gives what it would have owned to the next', async () => {
      const bench = await Bench.make(setup)
      const first = await bench.opened()
      await first.commit(whole)
      await first.close()
      const { log } = await bench.unopened().open(runId(8))
      await bench.under.crash()
      const identity = await bench.unopened().open(runId(9))
      expect(identity.log).toBe(log)
      expect(identity.runs.at(-1)).toEqual({ run: runId(9), first: 3 })
      expect(identity.runs.every(({ run, first: from }) => run !== runId(8) || from === 3)).toBe(true)
    })

    it('refuses a run that is not 32 hex digits, or was used before', async () => {
      const bench = await Bench.make(setup)
      const store = bench.unopened()
      await expect(store.open('run 1')).rejects.toThrow(/32/)
      await store.open(runId(7))
      await store.close()
      await expect(bench.unopened().open(runId(7))).rejects.toThrow(/used before/)
      await bench.unopened().open(runId(8))
    })

    it('never gives a sequence out twice: the head stays when the newest entry is removed or forgotten', async () => {
      const bench = await Bench.make(setup)
      const store = await bench.opened()
      await store.commit(whole)
      await store.commit(batch({ entries: [entry(3, 'job/2')] }))
      await store.commit(batch({ removed: [3], forgotten: ['job/1'] }))
      await store.close()
      const identity = await bench.unopened().open(runId(99))
      expect([identity.head, identity.runs.at(-1)?.first]).toEqual([3, 4])
    })
  })
}
