import { expect, test } from 'vitest'
import { memoryStore } from './memory.ts'
import { type DamagedEntry, emptyBatch, type Seq, type StoredEntry } from './port.ts'
import { SoundLog } from './sound-log.ts'

const RUN = 'ab'.repeat(16)
const all = { entries: 100, bytes: 1_000_000 }

/** `failures`: how often each entry fails to be read. */
async function onDisk(failures: ReadonlyMap<Seq, number>, isWithheld = false) {
  const store = memoryStore()
  await store.open(RUN)
  const entries = [1, 2].map((seq) => ({
    seq,
    kind: 'changes' as const,
    record: `orders/${seq}`,
    bytes: Uint8Array.of(seq),
    channels: [],
  }))
  await store.commit({ ...emptyBatch, entries })
  const reads = new Map<Seq, number>()
  const found: DamagedEntry[] = []
  const read = (entry: StoredEntry): StoredEntry => {
    const count = (reads.get(entry.seq) ?? 0) + 1
    reads.set(entry.seq, count)
    const fails = count <= (failures.get(entry.seq) ?? 0)
    return fails ? { seq: entry.seq, record: entry.record, damage: 'a bit flipped' } : entry
  }
  const log = new SoundLog({
    store: {
      readLog: async (...asked) => (await store.readLog(...asked)).map(read),
      readRecord: async (...asked) => (await store.readRecord(...asked)).map(read),
      readEntries: async (...asked) => (await store.readEntries(...asked)).map(read),
      readChannels: (...asked) => store.readChannels(...asked),
    },
    found: async (damaged) => void found.push(...damaged),
    isWithheld: () => isWithheld,
  })
  return { log, reads, found }
}

test('DM-1: an entry that cannot be read for a moment is not damaged, and stands in its place', async () => {
  const { log, found } = await onDisk(new Map([[1, 7]]))
  expect((await log.readLog(0, all)).map(({ seq }) => seq)).toEqual([1, 2])
  expect(found).toEqual([])
})

test('DM-1: one that cannot be read eight times is noted, and left out', async () => {
  const { log, reads, found } = await onDisk(new Map([[1, 100]]))
  expect((await log.readLog(0, all)).map(({ seq }) => seq)).toEqual([2])
  expect(found.map(({ seq }) => seq)).toEqual([1])
  expect(reads.get(1)).toBe(8)
  expect(reads.get(2)).toBe(1)
})

test('DM-1: of a record that is known to be damaged nothing is read twice', async () => {
  const { log, reads, found } = await onDisk(new Map([[1, 100]]), true)
  expect(await log.readRecord('orders/1')).toEqual([])
  expect(found.map(({ seq }) => seq)).toEqual([1])
  expect(reads.get(1)).toBe(1)
})
