/** RxDB in a page: a collection in its Dexie storage, replicated as its manual says for HTTP, and its own live query. */
import { createRxDatabase, type RxCollection, type RxDocument } from 'rxdb/plugins/core'
import { replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { Subject } from 'rxjs'
import { measured } from '../../src/browser/page/measured-page.ts'
import { editOf, numberOf } from '../src/field-record.ts'
import { type Checkpoint, type Kept, PULL, PUSH, type Pulled, STREAM } from './rxdb-wire.ts'

type Document = Omit<Kept, '_deleted'>
type Item = RxDocument<Document>

/** Documents of one request; 100 by default. */
const BATCH_RECORDS = 1_000
const LENGTH_MAX = 100
const TEXT = { type: 'string', maxLength: LENGTH_MAX } as const
const NUMBER = { type: 'number' } as const

const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: TEXT,
    title: TEXT,
    status: TEXT,
    site: TEXT,
    notes: TEXT,
    count: NUMBER,
    updatedAt: NUMBER,
  },
  required: ['id', 'title', 'status', 'site', 'notes', 'count', 'updatedAt'],
  indexes: ['title', 'status', 'site'],
} as const

let orders: RxCollection<Document>
let tell: (items: readonly Item[]) => void
let replication: ReturnType<typeof replicateRxCollection<Document, Checkpoint>> | undefined

function list(): void {
  orders.find({ sort: [{ title: 'asc' }] }).$.subscribe((items) => tell(items))
}

async function pulled(checkpoint: Checkpoint | undefined, limit: number): Promise<Pulled> {
  const response = await fetch(`${PULL}?updatedAt=${checkpoint?.updatedAt ?? 0}&limit=${limit}`)
  const { documents, checkpoint: next } = (await response.json()) as Pulled
  return { documents, checkpoint: next ?? checkpoint }
}

async function pushed(rows: unknown): Promise<Kept[]> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(PUSH, { method: 'POST', headers, body: JSON.stringify(rows) })
  return (await response.json()) as Kept[]
}

function replicated(): ReturnType<typeof replicateRxCollection<Document, Checkpoint>> {
  const streamed = new Subject<Pulled | 'RESYNC'>()
  const events = new EventSource(STREAM)
  events.onmessage = ({ data }) => streamed.next(JSON.parse(data as string) as Pulled)
  events.onerror = () => streamed.next('RESYNC')
  return replicateRxCollection<Document, Checkpoint>({
    collection: orders,
    replicationIdentifier: 'orders',
    pull: { handler: pulled, batchSize: BATCH_RECORDS, stream$: streamed as never },
    push: { handler: pushed },
  })
}

let isListed = false

measured<Item>({
  async open({ isNew, told }) {
    tell = told
    const database = await createRxDatabase({
      name: 'records',
      storage: getRxStorageDexie(),
      eventReduce: true,
    })
    const added = await database.addCollections({ orders: { schema } })
    orders = added.orders as unknown as RxCollection<Document>
    isListed = !isNew
    if (isListed) list()
    return undefined
  },

  async connect() {
    replication = replicated()
    if (isListed) return
    await replication.awaitInitialReplication()
    // A query that runs from the beginning would be made anew for every batch.
    list()
  },

  async settled() {
    await replication!.awaitInSync()
  },

  async edit(item, mark) {
    await item.incrementalPatch(editOf(mark))
  },

  numberOf: ({ id }) => numberOf(id),
  read: ({ title, status, site, notes, count }) => ({ title, status, site, notes, count }),
})
