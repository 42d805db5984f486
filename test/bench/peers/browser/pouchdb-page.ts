/** PouchDB in a page: a database in IndexedDB, live replication both ways, and a list that follows its feed of changes. */
import PouchDB from 'pouchdb-browser'
import { measured } from '../../src/browser/page/measured-page.ts'
import { asFieldRecord, editOf, type FieldRecord, numberOf } from '../src/field-record.ts'

type Item = PouchDB.Core.ExistingDocument<FieldRecord>

/** Documents of one request; 100 by default. */
const BATCH_RECORDS = 1_000

const local = new PouchDB<FieldRecord>('records')
let tell: (items: readonly Item[]) => void
let items: Item[] = []

/** Reads all, and follows what changes from then on. */
async function list(): Promise<void> {
  const { update_seq } = await local.info()
  local.changes({ since: update_seq, live: true, include_docs: true }).on('change', ({ doc }) => follow(doc!))
  const { rows } = await local.allDocs({ include_docs: true })
  items = rows.map(({ doc }) => doc!).sort((one, other) => (one.title < other.title ? -1 : 1))
  tell(items)
}

/** Titles do not change, and no record comes later. */
function follow(doc: Item): void {
  const at = items.findIndex(({ _id }) => _id === doc._id)
  if (at < 0) return
  items = items.with(at, doc)
  tell(items)
}

measured<Item>({
  async open({ isNew, told }) {
    tell = told
    await local.info()
    if (!isNew) await list()
    return undefined
  },

  async connect({ url }) {
    const options = { batch_size: BATCH_RECORDS }
    const isNew = items.length === 0
    if (isNew) {
      await local.replicate.from(url, options)
      await list()
    }
    local.sync(url, { ...options, live: true, retry: true })
  },

  settled: async () => undefined,

  async edit(item, mark) {
    await local.put({ ...item, ...editOf(mark) })
  },

  numberOf: ({ _id }) => numberOf(_id),
  read: asFieldRecord,
})
