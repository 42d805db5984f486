/** COPIED: neither side sees what the other does to its bytes later. */
import type { StoredEntry } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { batch, enter, entry, pageMax, put, row } from './batches.ts'
import { Bench, type Setup } from './bench.ts'
import { broughtBy, soundEntry } from './sound.ts'

const bytesOf = (entry: StoredEntry) => soundEntry(entry).bytes

export function copyingTests(setup: Setup): void {
  describe('COPIED', () => {
    it('does not see bytes that the caller changes after commit was called', async () => {
      const store = await (await Bench.make(setup)).opened()
      const written = entry(1, 'job/1')
      const kept = row('job/1')
      const value = put('t', 'k', 'value')
      const commit = store.commit(batch({ entries: [written], records: [kept], tables: [value] }))
      for (const bytes of [written.bytes, kept.frontier, value.value]) bytes?.fill(0)
      await commit
      const [read] = await store.readLog(0, pageMax)
      const [found] = await store.rows(['job/1'])
      const bytes = [soundEntry(read!).bytes, found?.frontier, await store.get('t', 'k')]
      expect(bytes.map((one) => one?.includes(0))).toEqual([false, false, false])
    })

    it('does not hand out bytes whose change is seen by the next reader', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({
          entries: [entry(1, 'job/1', ['north']), entry(3, 'job/1', ['north'])],
          marks: [enter(2, 'north', 'job/1')],
          records: [row('job/1')],
          tables: [put('t', 'k', 'value')],
        }),
      )
      const read = async () => {
        const told = await store.readChannels(new Map([['north', 0]]), pageMax)
        return [
          ...(await store.readLog(0, pageMax)).map(bytesOf),
          ...(await store.readRecord('job/1')).map(bytesOf),
          ...(await store.readEntries([1])).map(bytesOf),
          ...told.items.flatMap(broughtBy).map(bytesOf),
          ...(await store.rows(['job/1'])).flatMap((found) => found?.frontier ?? []),
          ...(await store.scan('t', { limit: 1 })).map(({ value }) => value),
          (await store.get('t', 'k')) ?? new Uint8Array(),
        ]
      }
      const before = (await read()).map((bytes) => [...bytes])
      for (const bytes of await read()) bytes.fill(0)
      expect((await read()).map((bytes) => [...bytes])).toEqual(before)
      expect(before).toHaveLength(10)
    })
  })
}
