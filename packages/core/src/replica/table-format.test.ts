import { beforeAll, describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch, type Store } from '../store/port.ts'
import { open } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import { bringTablesUp, presentTables, type TableFormat } from './table-format.ts'

beforeAll(startEngine)

let opens = 0
const run = (n: number) => n.toString(16).padStart(32, '0')
const text = (value: Uint8Array | undefined) => value && decodeUtf8(value)
const put = (key: string, value: string) => ({ table: 'cursors', key, value: encodeUtf8(value) })

/** Each step writes one more letter behind every cursor. */
const next: TableFormat = {
  version: presentTables.version + 2,
  steps: {
    ...presentTables.steps,
    [presentTables.version]: (store) => longer(store, 'a'),
    [presentTables.version + 1]: (store) => longer(store, 'b'),
  },
}

async function longer(store: Store, letter: string) {
  const rows = await store.scan('cursors', { limit: 100 })
  return rows.map(({ key, value }) => put(key, `${text(value)}${letter}`))
}

async function opened(disk: MemoryDisk, beforeCommit?: () => void) {
  const store = memoryStore(beforeCommit ? { disk, beforeCommit } : { disk })
  opens += 1
  await store.open(run(opens))
  return store
}

describe('F-6: the replica’s own tables', () => {
  test('have a format from the first open on, also in a store from before there was a number', async () => {
    const disk = new MemoryDisk()
    const { replica } = await open({ disk })
    await replica.close()
    const store = await opened(disk)
    expect(text(await store.get('state', 'format'))).toBe(`${presentTables.version}`)
    await store.commit({ ...emptyBatch, tables: [{ table: 'state', key: 'format' }] })
    await bringTablesUp(store)
    expect(text(await store.get('state', 'format'))).toBe(`${presentTables.version}`)
  })

  test('fault P5: are brought up step by step, each once, and go on where a crash left them', async () => {
    const disk = new MemoryDisk()
    let commits = Number.POSITIVE_INFINITY
    const store = await opened(disk, () => {
      if (commits-- === 0) throw new Error('power')
    })
    await bringTablesUp(store)
    await store.commit({ ...emptyBatch, tables: [put('log/north', '7')] })
    commits = 1
    await expect(bringTablesUp(store, next)).rejects.toThrow('power')
    expect(text(await store.get('cursors', 'log/north'))).toBe('7a')
    commits = Number.POSITIVE_INFINITY
    await bringTablesUp(store, next)
    await bringTablesUp(store, next)
    expect(text(await store.get('cursors', 'log/north'))).toBe('7ab')
  })

  test('O2: of a newer format are refused before anything is read, the store is closed, and nothing is changed', async () => {
    const disk = new MemoryDisk()
    const store = await opened(disk)
    await bringTablesUp(store, next)
    await store.close()
    const refused = { code: 'newer-format', message: expect.stringMatching(/upgrade/) }
    await expect(open({ disk, seed: 5 })).rejects.toMatchObject(refused)
    const again = await opened(disk)
    expect(text(await again.get('state', 'format'))).toBe(`${next.version}`)
    expect(await again.get('identity', 'key')).toBeUndefined()
  })

  test('of a format from which no step leads on are refused', async () => {
    const store = await opened(new MemoryDisk())
    await expect(bringTablesUp(store, { version: 1, steps: {} })).rejects.toMatchObject({ code: 'corrupt' })
  })
})
