/** A store in a page whose quota its test changes. */
import { exposed } from '@skerry/browser-test/page'
import { emptyBatch, isDamaged } from '@skerry/core'
import { idbStore } from '@skerry/store-idb'

const NAME = 'room'
const ENTRY_BYTES = 200_000
const CACHE = 'photo'

let roomMade = 0
const store = idbStore({
  name: NAME,
  makeRoom: async () => {
    roomMade += 1
    const folder = await navigator.storage.getDirectory()
    if (await isCached()) await folder.removeEntry(CACHE)
  },
})
let seq = 0

function log() {
  return store.readLog(0, { entries: 1_000, bytes: 2 ** 30 })
}

async function isCached(): Promise<boolean> {
  const folder = await navigator.storage.getDirectory()
  for await (const name of folder.keys()) if (name === CACHE) return true
  return false
}

async function commit(entryBytes = ENTRY_BYTES): Promise<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(65_536))
  const large = new Uint8Array(entryBytes)
  for (let at = 0; at < entryBytes; at += bytes.length) large.set(bytes.subarray(0, entryBytes - at), at)
  const entry = { seq: seq + 1, kind: 'changes' as const, record: 'job/1', bytes: large, channels: [] }
  try {
    await store.commit({ ...emptyBatch, entries: [entry] })
    seq += 1
    return 'committed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

exposed({
  open: () => store.open(crypto.randomUUID().replaceAll('-', '')),
  commit,
  // A file, because the room of an entry in `caches` comes back only some time after it was deleted.
  cachePhoto: async (bytes: number) => {
    const folder = await navigator.storage.getDirectory()
    const file = await folder.getFileHandle(CACHE, { create: true })
    const writable = await file.createWritable()
    await writable.write(new Uint8Array(bytes))
    await writable.close()
  },
  held: async () => ({
    acknowledged: seq,
    seqs: (await log()).map((entry) => entry.seq),
    damaged: (await log()).filter(isDamaged).map((entry) => entry.seq),
    roomMade,
    isCached: await isCached(),
  }),
  health: () => store.health(),
  persist: () => store.persist(),
})
