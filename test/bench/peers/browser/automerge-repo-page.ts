/**
 * automerge-repo in a page: one document a record, in IndexedDB. It has no lists and no queries, so the page keeps one of its handles, in order of titles, and makes it anew
 * when a document has changed. It is given the ids of all documents; an app would have to find them out.
 */
import wasm from '@automerge/automerge/automerge.wasm?url'
import {
  type AutomergeUrl,
  type DocHandle,
  ImmutableString,
  initializeWasm,
  Repo,
} from '@automerge/automerge-repo/slim'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { IndexedDBStorageAdapter } from '@automerge/automerge-repo-storage-indexeddb'
import { measured } from '../../src/browser/page/measured-page.ts'
import { type RecordDocument, recordOf } from '../contenders/automerge-document.ts'
import { editOf, type FieldRecord } from '../src/field-record.ts'

interface Item {
  number: number
  handle: DocHandle<RecordDocument>
  record: FieldRecord
}

/** Its storage, which also tells when a document was saved: that is begun at once, unless the document was saved in the last 100 ms, and `flush`, the way to hear of it, takes longer. */
class ToldStorage extends IndexedDBStorageAdapter {
  readonly #waiting = new Map<string, () => void>()

  saved(documentId: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(documentId, resolve))
  }

  override async save(key: string[], bytes: Uint8Array): Promise<void> {
    await super.save(key, bytes)
    const [documentId, kind] = key
    if (kind !== 'incremental' && kind !== 'snapshot') return
    this.#waiting.get(documentId!)?.()
    this.#waiting.delete(documentId!)
  }
}

const IDS = 'ids'
const storage = new ToldStorage('records')

let repo: Repo
let tell: (items: readonly Item[]) => void
/** In order of titles, which no edit changes. */
let items: Item[] = []
let isListed = false

function changed(number: number, record: FieldRecord): void {
  const at = items.findIndex((item) => item.number === number)
  if (at < 0) return
  items = items.with(at, { ...items[at]!, record })
  if (isListed) tell(items)
}

async function find(id: string, number: number): Promise<Item> {
  const handle = await repo.find<RecordDocument>(`automerge:${id}` as AutomergeUrl)
  handle.on('change', ({ doc }) => changed(number, recordOf(doc)))
  return { number, handle, record: recordOf(handle.doc()) }
}

/** So many look-ups at once: all 10,000 at once are slower, and end in time-outs. */
const FINDS_AT_ONCE = 50

/** What could not be found is not listed. */
async function findAll(ids: readonly string[]): Promise<void> {
  const found: PromiseSettledResult<Item>[] = []
  let next = 0
  const findNext = async (): Promise<void> => {
    for (let number = next++; number < ids.length; number = next++)
      found.push(...(await Promise.allSettled([find(ids[number]!, number)])))
  }
  await Promise.all(Array.from({ length: FINDS_AT_ONCE }, findNext))
  const missing = found.filter(({ status }) => status === 'rejected')
  if (missing.length > 0) console.warn(`${missing.length} documents were not found`)
  items = found
    .flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    .sort((one, other) => (one.record.title < other.record.title ? -1 : 1))
  isListed = true
  tell(items)
}

measured<Item>({
  async open({ isNew, told }) {
    tell = told
    await initializeWasm(wasm)
    repo = new Repo({ storage })
    if (!isNew) await findAll(JSON.parse(localStorage.getItem(IDS)!) as string[])
    return undefined
  },

  async connect({ url, pass }) {
    localStorage.setItem(IDS, JSON.stringify(pass))
    const connected = new Promise<void>((resolve) => repo.networkSubsystem.once('peer', () => resolve()))
    repo.networkSubsystem.addNetworkAdapter(new WebSocketClientAdapter(url))
    await connected
    if (items.length === 0) await findAll(pass)
  },

  settled: () => repo.flush(),

  async edit({ handle }, mark) {
    const saved = storage.saved(handle.documentId)
    handle.change((draft) => {
      const { notes, count } = editOf(mark)
      draft.notes = new ImmutableString(notes)
      draft.count = count
    })
    await saved
  },

  numberOf: ({ number }) => number,
  read: ({ record }) => record,
})
