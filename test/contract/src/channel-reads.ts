/** The rules of `readChannels`, one test per rule. Numbers are sequences. */
import type { Batch, ChannelItem, PageLimit, Store, StoredEntry } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { batch, enter, entry, leave, pageMax } from './batches.ts'
import { Bench, type Setup } from './bench.ts'
import { broughtBy } from './sound.ts'

/** An item in few letters: `entry 3`, `enter 2 north [1]`, `leave 4 north`. */
function short(item: ChannelItem<StoredEntry>): string {
  if (item.kind === 'entry') return `entry ${item.seq}`
  if (item.kind === 'leave') return `leave ${item.seq} ${item.channel}`
  return `enter ${item.seq} ${item.channel} [${item.entries.map(({ seq }) => seq)}]`
}

type Positions = Record<string, number>

async function told(store: Store, after: Positions, limit: PageLimit = pageMax) {
  const page = await store.readChannels(new Map(Object.entries(after)), limit)
  return { ...page, items: page.items.map(short) }
}

export function channelReadTests(setup: Setup): void {
  const filled = async (...batches: Partial<Batch>[]) => {
    const store = await (await Bench.make(setup)).opened()
    for (const parts of batches) await store.commit(batch(parts))
    return store
  }
  /** job/1 is written outside any channel, enters north, is written there twice. */
  const entered: Partial<Batch> = {
    entries: [entry(1, 'job/1'), entry(3, 'job/1', ['north']), entry(4, 'job/1', ['north'])],
    marks: [enter(2, 'north', 'job/1')],
  }

  describe('readChannels, entries', () => {
    it('tells a new reader the enter mark with the history below it, then each later entry by itself', async () => {
      const store = await filled(entered)
      expect((await told(store, { north: 0 })).items).toEqual(['enter 2 north [1]', 'entry 3', 'entry 4'])
    })

    it('gives items whole: channel, record, and entries as readRecord gives them', async () => {
      const store = await filled(entered)
      const [first, second] = await store.readRecord('job/1')
      const { items } = await store.readChannels(new Map([['north', 0]]), { entries: 2, bytes: 1000 })
      expect(items).toEqual([
        { kind: 'enter', seq: 2, channel: 'north', record: 'job/1', entries: [first] },
        { kind: 'entry', seq: 3, entry: second },
      ])
    })

    it('tells only what stands above the position', async () => {
      const store = await filled(entered)
      expect((await told(store, { north: 2 })).items).toEqual(['entry 3', 'entry 4'])
      expect((await told(store, { north: 3 })).items).toEqual(['entry 4'])
      expect((await told(store, { north: 4 })).items).toEqual([])
    })

    it('never tells an entry below the enter mark by itself, though the channel index holds it', async () => {
      const store = await filled({
        entries: [entry(1, 'job/1', ['north'])],
        marks: [enter(2, 'north', 'job/1')],
      })
      expect((await told(store, { north: 0 })).items).toEqual(['enter 2 north [1]'])
    })

    it('never tells an entry of a channel it is not indexed under, nor one without an enter mark', async () => {
      const store = await filled(entered, {
        entries: [entry(5, 'job/1', ['south']), entry(6, 'job/2', ['north'])],
      })
      expect((await told(store, { south: 0 })).items).toEqual([])
      expect((await told(store, { north: 4 })).items).toEqual([])
    })

    it('never tells the entries of a record that left', async () => {
      const store = await filled(entered, { marks: [leave(5, 'north', 'job/1')] })
      expect((await told(store, { north: 0 })).items).toEqual([])
      expect((await told(store, { north: 2 })).items).toEqual(['leave 5 north'])
    })

    it('tells an entry once, however many asked channels hold it', async () => {
      const store = await filled({
        entries: [entry(1, 'job/1'), entry(4, 'job/1', ['north', 'south'])],
        marks: [enter(2, 'north', 'job/1'), enter(3, 'south', 'job/1')],
      })
      expect((await told(store, { north: 2, south: 3 })).items).toEqual(['entry 4'])
      expect((await told(store, { north: 4, south: 3 })).items).toEqual(['entry 4'])
      expect((await told(store, { north: 4, south: 4 })).items).toEqual([])
    })
  })

  describe('readChannels, marks', () => {
    it('does not tell a leave to a channel at position 0', async () => {
      const store = await filled(entered, { marks: [leave(5, 'north', 'job/1')] })
      expect((await told(store, { north: 0 })).items).toEqual([])
      expect((await told(store, { north: 1 })).items).toEqual(['leave 5 north'])
      expect((await told(store, { north: 5 })).items).toEqual([])
    })

    it('tells the newest mark only', async () => {
      const store = await filled(
        entered,
        { marks: [leave(5, 'north', 'job/1')] },
        { marks: [enter(6, 'north', 'job/1')] },
      )
      expect((await told(store, { north: 1 })).items).toEqual(['enter 6 north [1,3,4]'])
    })

    it('sends no history with an enter if another asked channel had the record enter at a lower sequence', async () => {
      const store = await filled(entered, { marks: [enter(5, 'south', 'job/1')] })
      const both = ['enter 2 north [1]', 'entry 3', 'entry 4', 'enter 5 south []']
      expect((await told(store, { north: 0, south: 0 })).items).toEqual(both)
      expect((await told(store, { north: 4, south: 0 })).items).toEqual(['enter 5 south []'])
      expect((await told(store, { south: 0 })).items).toEqual(['enter 5 south [1,3,4]'])
    })

    it('sends the history if the record left that other channel, or entered it later', async () => {
      const store = await filled(entered, { marks: [enter(5, 'south', 'job/1'), enter(6, 'east', 'job/1')] })
      expect((await told(store, { south: 0, east: 0 })).items).toEqual([
        'enter 5 south [1,3,4]',
        'enter 6 east []',
      ])
      await store.commit(batch({ marks: [leave(7, 'north', 'job/1')] }))
      expect((await told(store, { north: 4, south: 0 })).items).toEqual([
        'enter 5 south [1,3,4]',
        'leave 7 north',
      ])
    })

    it('tells a record that entered and has no entries yet', async () => {
      const store = await filled({ marks: [enter(1, 'north', 'job/1')] })
      expect((await told(store, { north: 0 })).items).toEqual(['enter 1 north []'])
    })

    it('survive compaction: what is replaced above the mark comes by itself, what is replaced below it with the mark', async () => {
      const store = await filled(entered, { removed: [1], replaced: [entry(3, 'job/1', ['north'])] })
      expect((await told(store, { north: 0 })).items).toEqual(['enter 2 north []', 'entry 3', 'entry 4'])
      await store.commit(
        batch({
          marks: [enter(5, 'south', 'job/1')],
          removed: [3],
          replaced: [entry(4, 'job/1', ['north'])],
        }),
      )
      expect((await told(store, { south: 0 })).items).toEqual(['enter 5 south [4]'])
    })
  })

  pageTests(filled)
}

function pageTests(filled: (...batches: Partial<Batch>[]) => Promise<Store>): void {
  const two: Partial<Batch> = {
    entries: [
      entry(1, 'job/1'),
      entry(3, 'job/2'),
      entry(5, 'job/1', ['north']),
      entry(6, 'job/2', ['south']),
    ],
    marks: [enter(2, 'north', 'job/1'), enter(4, 'south', 'job/2'), enter(7, 'south', 'job/1')],
  }
  const all = ['enter 2 north [1]', 'enter 4 south [3]', 'entry 5', 'entry 6', 'enter 7 south []']

  describe('readChannels, pages', () => {
    it('merges channels in ascending sequence, each from its own position', async () => {
      const store = await filled(two)
      expect((await told(store, { south: 0, north: 0 })).items).toEqual(all)
      expect((await told(store, { north: 5, south: 4 })).items).toEqual(['entry 6', 'enter 7 south []'])
    })

    it('says done and the head when nothing is left, also for unknown channels and for none', async () => {
      const store = await filled(two)
      for (const after of [{ north: 0, south: 0 }, { north: 7 }, { unknown: 0 }, {}]) {
        expect(await told(store, after)).toMatchObject({ upTo: 7, done: true })
      }
    })

    it('stops at the limit of entries; going on from upTo tells the rest, all of it once', async () => {
      const store = await filled(two)
      for (const entries of [1, 2, 3, 4]) {
        const items: string[] = []
        let page = await told(store, { north: 0, south: 0 }, { entries, bytes: 1000 })
        while (!page.done) {
          expect(page.items.length).toBeGreaterThan(0)
          expect(page.items.length).toBeLessThanOrEqual(entries)
          items.push(...page.items)
          page = await told(store, { north: page.upTo, south: page.upTo }, { entries, bytes: 1000 })
        }
        expect([...items, ...page.items]).toEqual(all)
      }
    })

    it('stops at the limit of bytes, counting the history an enter brings, but gives at least one item', async () => {
      const store = await filled(two)
      const sizes = async (bytes: number) =>
        (await told(store, { north: 0, south: 0 }, { entries: 99, bytes })).items
      expect(await sizes(1)).toEqual(all.slice(0, 1))
      expect(await sizes(7 + 7)).toEqual(all.slice(0, 2))
      expect(await sizes(7 + 7 + 6)).toEqual(all.slice(0, 2))
      expect(await sizes(7 * 4)).toEqual(all)
    })

    it('sees what was committed after the first page', async () => {
      const store = await filled(two)
      const { upTo } = await told(store, { north: 0 }, { entries: 1, bytes: 1000 })
      await store.commit(batch({ entries: [entry(8, 'job/1', ['north', 'south'])] }))
      expect(await told(store, { north: upTo })).toEqual({
        items: ['entry 5', 'entry 8'],
        upTo: 8,
        done: true,
      })
    })

    it('brings long histories and large entries whole, whatever the page', async () => {
      const large = 'x'.repeat(100_000)
      const history = (first: number, record: string) =>
        Array.from({ length: 1500 }, (_, at) => entry(first + at, record, ['north']))
      const store = await filled({
        entries: [
          ...history(1, 'job/1'),
          entry(2001, 'job/2', ['north'], large),
          ...history(3001, 'job/3'),
          entry(5001, 'job/2', ['north'], large),
        ],
        marks: [enter(2000, 'north', 'job/1'), enter(3000, 'north', 'job/2'), enter(5000, 'north', 'job/3')],
      })
      for (const limit of [{ entries: 1, bytes: 1 }, { entries: 100, bytes: 10_000 }, pageMax]) {
        const lengths: number[][] = []
        let after = 0
        for (let done = false; !done; ) {
          const page = await store.readChannels(new Map([['north', after]]), limit)
          for (const item of page.items) {
            const brought = broughtBy(item)
            lengths.push([item.seq, brought.length, brought.at(-1)?.bytes.length ?? 0])
          }
          after = page.upTo
          done = page.done
        }
        const last = (seq: number) => `entry ${seq}`.length
        expect(lengths).toEqual([
          [2000, 1500, last(1500)],
          [3000, 1, large.length],
          [5000, 1500, last(4500)],
          [5001, 1, large.length],
        ])
      }
    })

    it('carries ten thousand records in pages, each told once and in order', async () => {
      const numbers = Array.from({ length: 10_000 }, (_, at) => at)
      const store = await filled({
        entries: numbers.map((at) =>
          entry(2 * at + 1, `job/${at}`, [at % 2 === 0 ? 'north' : 'south'], `${at}`),
        ),
        marks: numbers.map((at) => enter(2 * at + 2, at % 2 === 0 ? 'north' : 'south', `job/${at}`)),
      })
      const seen: number[] = []
      let page = await store.readChannels(
        new Map([
          ['north', 0],
          ['south', 0],
        ]),
        { entries: 700, bytes: 2 ** 20 },
      )
      for (;;) {
        for (const item of page.items)
          if (item.kind === 'enter' && item.entries.length === 1) seen.push(item.seq)
        if (page.done) break
        page = await store.readChannels(
          new Map([
            ['north', page.upTo],
            ['south', page.upTo],
          ]),
          { entries: 700, bytes: 2 ** 20 },
        )
      }
      expect(seen).toEqual(numbers.map((at) => 2 * at + 2))
    })
  })
}
