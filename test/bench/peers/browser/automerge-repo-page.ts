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

const IDS = 'ids'

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

/** All at once: the page waits for none of them alone. What could not be found is not listed. */
async function findAll(ids: readonly string[]): Promise<void> {
  const found = await Promise.allSettled(ids.map(find))
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
    repo = new Repo({ storage: new IndexedDBStorageAdapter('records') })
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
    handle.change((draft) => {
      const { notes, count } = editOf(mark)
      draft.notes = new ImmutableString(notes)
      draft.count = count
    })
    // Without it the document is saved 100 ms later, and nobody is told when.
    await repo.flush([handle.documentId])
  },

  numberOf: ({ number }) => number,
  read: ({ record }) => record,
})
